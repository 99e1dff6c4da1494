// What the operator's commands talk to: a Unix-domain socket in the state directory. Whoever can open the socket is the operator.
import { chmod } from 'node:fs/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { parseSignedManifest, parseSiteRequest } from '@blindsum/proto';
import { answerWithProblems } from '../http/problem.ts';
import { overview } from '../status.ts';
import { admitSite, type Enrolment } from './enrolment.ts';
import { addJobRequests, type JobRequestShell } from './job-requests.ts';
import { addRosterRequests, type RosterRequestShell } from './roster-requests.ts';
import { currentRoster, submitJob, type Submission } from './submission.ts';

export interface AdminShell extends JobRequestShell, RosterRequestShell {
  readonly enrolment: Enrolment;
  readonly submission: Submission;
  /** Nothing is removed for that long. */
  readonly holdRetention: (milliseconds: number) => void;
}

/** A backup asks again every minute for as long as it copies. */
const RETENTION_HOLD_MS = 600_000;
const MAX_BODY_BYTES = 4 << 20;

export function createAdminServer(shell: AdminShell): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true });
  answerWithProblems(app, shell.log);
  // Bytes: each route parses its own, strictly.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.post('/retention-hold', async () => {
    shell.holdRetention(RETENTION_HOLD_MS);
    return { heldMs: RETENTION_HOLD_MS };
  });
  app.get('/status', () => overview(shell.status));
  app.post<{ Body: Buffer }>('/sites', async ({ body }) => {
    const grant = await admitSite(shell.enrolment, parseSiteRequest(body));
    shell.log.info({ event: 'site.admitted', site: grant.site });
    return grant;
  });
  app.get('/next-roster', () => currentRoster(shell.submission));
  app.post<{ Body: Buffer }>('/jobs', async ({ body }) => {
    const { stored, manifest, roster } = await submitJob(shell.submission, parseSignedManifest(body));
    const sites = roster.members.map(({ site }) => site);
    shell.log.info({ event: 'job.submitted', job: stored.job, sites: sites.length });
    const { rounds, threshold, model } = manifest;
    return {
      job: stored.job,
      state: stored.status.state,
      sites,
      threshold,
      rounds,
      parameters: model.parameters,
    };
  });
  addJobRequests(app, shell);
  addRosterRequests(app, shell);
  return app;
}

/** Listens on the socket, for the operator's user only. */
export async function listenAdmin(app: FastifyInstance, path: string): Promise<void> {
  await app.listen({ path });
  await chmod(path, 0o600);
}
