// Checking a job without submitting it: a job file before it is signed, or what an author signed.
import type { FastifyInstance } from 'fastify';
import { parseSignedManifest, Refusal, utf8, type Roster } from '@blindsum/proto';
import { addAction, type ActionShell } from '../administration/actions.ts';
import { checkJobFile, checkSignedManifest, assumedRoster, validateJob } from '../job-validation.ts';
import { jobFileBody, validationDocument } from './documents/job.ts';
import { textIn } from './json-body.ts';
import { MAX_JOB_BYTES } from './job-routes.ts';
import { currentRoster, type Submission } from './submission.ts';

export interface ValidationShell extends ActionShell {
  readonly submission: Submission;
}

/** Until there is a roster: the fewest that need nobody's leave. */
const PLACEHOLDER_SITES = 3;

export function addValidationRoute(app: FastifyInstance, shell: ValidationShell): void {
  addAction(app, shell, {
    ...{ name: 'validateJob', topic: 'jobs', method: 'POST', path: '/v1/jobs/validate' },
    ...{ action: 'job.validate', maxBodyBytes: MAX_JOB_BYTES },
    summary: 'Check a job for the roster there is, without submitting it',
    ...{ body: jobFileBody, answer: validationDocument },
    subject: ({ body }) => textIn(body, 'job'),
    act: ({ body }) => validate(shell.submission, body),
  });
}

async function validate(submission: Submission, body: Record<string, unknown>) {
  const adopted = await rosterIfAny(submission);
  const roster = adopted ?? assumedRoster(PLACEHOLDER_SITES);
  const check = () =>
    body['format'] === 'blindsum-signed-manifest/v1'
      ? checkSignedManifest(parseSignedManifest(utf8(JSON.stringify(body))), roster)
      : checkJobFile(body, roster);
  const { summary, ...outcome } = validateJob(check, roster.members.length, submission);
  return { ...outcome, summary: summary && { ...summary, isRosterAdopted: adopted !== undefined } };
}

async function rosterIfAny(submission: Submission): Promise<Roster | undefined> {
  try {
    return await currentRoster(submission);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
