// Jobs: to submit one, to check one without submitting it, to look at them, to pause, resume and cancel them.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { parseSignedManifest, utf8 } from '@blindsum/proto';
import { addAction, type ActionShell } from '../administration/actions.ts';
import type { JobControl } from '../job-control.ts';
import type { JobHead } from '../ports.ts';
import { jobStatus, jobSummaries, jobSummary, type StatusSource } from '../status.ts';
import * as documents from './documents/job.ts';
import { jobParams } from './documents/values.ts';
import { textIn } from './json-body.ts';
import { toPage, toSortKey } from './page.ts';
import { addRead } from './read.ts';
import { submitJob, type Submission } from './submission.ts';

export interface JobShell extends ActionShell {
  readonly log: Logger;
  readonly control: Pick<JobControl, 'pause' | 'resume' | 'cancel'>;
  readonly status: StatusSource;
  readonly submission: Submission;
}

/** Of a manifest in base64, with what is around it. */
export const MAX_JOB_BYTES = 4 << 20;

export function addJobRoutes(app: FastifyInstance, shell: JobShell): void {
  addJobReads(app, shell);
  addAction(app, shell, {
    ...{ name: 'submitJob', topic: 'jobs', method: 'POST', path: '/v1/jobs', action: 'job.submit' },
    summary: 'Submit a job as its author signed it; the same again is a retry',
    ...{ body: documents.signedManifestBody, answer: documents.submittedDocument, status: 201 },
    maxBodyBytes: MAX_JOB_BYTES,
    subject: ({ body }) => jobIn(body),
    async act({ body, reply }) {
      const answer = await submit(shell, utf8(JSON.stringify(body)));
      reply.header('location', `/v1/jobs/${answer.job}`);
      return answer;
    },
  });
  addJobControl(app, shell);
}

function addJobReads(app: FastifyInstance, { status }: Pick<JobShell, 'status'>): void {
  addRead(app, {
    ...{ name: 'listJobs', topic: 'jobs', path: '/v1/jobs', summary: 'Jobs, the oldest first' },
    ...{ query: documents.jobsQuery, answer: documents.jobsDocument },
    async read({ query }) {
      const states = query.state?.split(',');
      const keyOf = ({ submittedMs, job }: JobHead) => toSortKey(submittedMs, job);
      const wanted = (await status.jobs.list()).filter((job) => states?.includes(job.status.state) ?? true);
      const { items, next } = toPage(wanted, { keyOf }, query);
      return { jobs: await jobSummaries(status, items), next };
    },
  });
  addRead(app, {
    ...{
      name: 'getJob',
      topic: 'jobs',
      path: '/v1/jobs/:job',
      summary: 'A job, its members and its manifest',
    },
    ...{ params: jobParams, answer: documents.jobDetailDocument },
    read: ({ params }) => jobStatus(status, params.job),
  });
}

/** Each answers with the job as it has become. */
function addJobControl(app: FastifyInstance, shell: JobShell): void {
  const { control } = shell;
  const shared = { topic: 'jobs', method: 'POST', params: jobParams, answer: documents.jobDocument } as const;
  const subject = ({ params }: { readonly params: Readonly<Record<string, string>> }) => params['job'] ?? '';
  addAction(app, shell, {
    ...{ ...shared, subject, name: 'pauseJob', path: '/v1/jobs/:job/pause', action: 'job.pause' },
    summary: 'Pause a job once its round has ended',
    act: async ({ params: { job } }) => changed(shell, { event: 'job.paused' }, await control.pause(job)),
  });
  addAction(app, shell, {
    ...{ ...shared, subject, name: 'resumeJob', path: '/v1/jobs/:job/resume', action: 'job.resume' },
    summary: 'Go on with a paused job',
    act: async ({ params: { job } }) => changed(shell, { event: 'job.resumed' }, await control.resume(job)),
  });
  addAction(app, shell, {
    ...{ ...shared, subject, name: 'cancelJob', path: '/v1/jobs/:job/cancel', action: 'job.cancel' },
    summary: 'End a job for good; a round that goes on fails',
    body: documents.cancelBody,
    detail: ({ body }) => textIn(body, 'reason'),
    act: async ({ params: { job }, body: { reason } }) =>
      changed(shell, { event: 'job.cancelled' }, await control.cancel(job, reason)),
  });
}

function changed(
  { log, status }: JobShell,
  line: { readonly event: string },
  { job, status: { state } }: JobHead,
) {
  log.info({ ...line, job, state });
  return jobSummary(status, job);
}

/** The job that a signed manifest names, for the trail. */
function jobIn(body: unknown): string {
  try {
    return textIn(Buffer.from(textIn(body, 'manifest'), 'base64'), 'job');
  } catch {
    return '';
  }
}

async function submit({ submission, log }: JobShell, file: Uint8Array) {
  const { stored, manifest, roster } = await submitJob(submission, parseSignedManifest(file));
  const sites = roster.members.map(({ site }) => site);
  log.info({ event: 'job.submitted', job: stored.job, sites: sites.length });
  const { rounds, threshold, model } = manifest;
  const { parameters } = model;
  return { job: stored.job, state: stored.status.state, sites, threshold, rounds, parameters };
}
