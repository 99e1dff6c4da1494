// What the operator's commands talk to: a Unix-domain socket in the state directory. Whoever can open the socket is the operator.
import { chmod } from 'node:fs/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { parseSignedManifest } from '@blindsum/proto';
import { addAction, forbidUnrecorded } from '../administration/actions.ts';
import { addTrailExport, type TrailExportShell } from '../administration/trail-export.ts';
import { answerWithProblems } from '../http/problem.ts';
import { listJobs, overview } from '../status.ts';
import { toAdminCaller } from './admin-caller.ts';
import { addEnrolmentRequests, type EnrolmentShell } from './enrolment-requests.ts';
import { addJobRequests, type JobRequestShell } from './job-requests.ts';
import { textIn } from './json-body.ts';
import { addLogRequests, type LogRequestShell } from './log-requests.ts';
import { addKeyRequests, type KeyRequestShell } from './key-requests.ts';
import { addReleaseRequests, type ReleaseRequestShell } from './release-requests.ts';
import { addRosterRequests, type RosterRequestShell } from './roster-requests.ts';
import { currentRoster, submitJob, type Submission } from './submission.ts';

export type AdminShell = Omit<
  JobRequestShell &
    KeyRequestShell &
    LogRequestShell &
    ReleaseRequestShell &
    RosterRequestShell &
    TrailExportShell,
  'callerOf'
> & {
  readonly enrolment: EnrolmentShell;
  readonly submission: Submission;
  /** Nothing is removed for that long. */
  readonly holdRetention: (milliseconds: number) => void;
};

type ServerShell = AdminShell & JobRequestShell;

/** A backup asks again every minute for as long as it copies. */
const RETENTION_HOLD_MS = 600_000;
const MAX_BODY_BYTES = 4 << 20;

export function createAdminServer(admin: AdminShell): FastifyInstance {
  const shell: ServerShell = { ...admin, callerOf: toAdminCaller };
  const app = Fastify({ logger: false, bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true });
  answerWithProblems(app, shell.log);
  forbidUnrecorded(app);
  // Bytes: each route parses its own, strictly.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.get('/status', () => overview(shell.status));
  app.get('/jobs', async () => ({ jobs: await listJobs(shell.status) }));
  addBackupRequests(app, shell);
  addSubmission(app, shell);
  addEnrolmentRequests(app, shell);
  addJobRequests(app, shell, '/jobs');
  addRosterRequests(app, shell);
  addKeyRequests(app, shell);
  addLogRequests(app, shell);
  addReleaseRequests(app, shell);
  addTrailExport(app, shell, '/audit-trail');
  return app;
}

function addBackupRequests(app: FastifyInstance, shell: ServerShell): void {
  const hold = async () => {
    shell.holdRetention(RETENTION_HOLD_MS);
    return { heldMs: RETENTION_HOLD_MS };
  };
  const subject = () => '';
  addAction(app, shell, {
    method: 'POST',
    path: '/retention-hold',
    action: 'retention.hold',
    subject,
    act: hold,
  });
  addAction<{ Body: Buffer }>(app, shell, {
    ...{ method: 'POST', path: '/backups', action: 'backup.create', act: hold },
    subject: ({ body }) => textIn(body, 'folder'),
  });
}

function addSubmission(app: FastifyInstance, shell: ServerShell): void {
  app.get('/next-roster', () => currentRoster(shell.submission));
  addAction<{ Body: Buffer }>(app, shell, {
    ...{ method: 'POST', path: '/jobs', action: 'job.submit' },
    subject: ({ body }) => jobIn(body),
    act: ({ body }) => submit(shell, body),
  });
}

/** The job that a signed manifest names, for the trail. */
function jobIn(body: Buffer): string {
  try {
    return textIn(Buffer.from(parseSignedManifest(body).manifest), 'job');
  } catch {
    return '';
  }
}

async function submit(shell: ServerShell, body: Buffer) {
  const { stored, manifest, roster } = await submitJob(shell.submission, parseSignedManifest(body));
  const sites = roster.members.map(({ site }) => site);
  shell.log.info({ event: 'job.submitted', job: stored.job, sites: sites.length });
  const { rounds, threshold, model } = manifest;
  const { parameters } = model;
  return { job: stored.job, state: stored.status.state, sites, threshold, rounds, parameters };
}

/** Listens on the socket, for the operator's user only. */
export async function listenAdmin(app: FastifyInstance, path: string): Promise<void> {
  await app.listen({ path });
  await chmod(path, 0o600);
}
