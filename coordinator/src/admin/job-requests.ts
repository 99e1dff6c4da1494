// What the operator asks of jobs that were submitted: pause, resume, cancel.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { describeIssues, parseJobId, Refusal } from '@blindsum/proto';
import type { JobControl } from '../job-control.ts';
import type { StoredJob } from '../ports.ts';
import { REASON, REASON_RULE } from '../reason.ts';
import { jobSummary, listJobs, type StatusSource } from '../status.ts';
import { parseJson } from './json-body.ts';

export interface JobRequestShell {
  readonly log: Logger;
  readonly control: Pick<JobControl, 'pause' | 'resume' | 'cancel'>;
  readonly status: StatusSource;
}

const nothingFormat = z.strictObject({});
const cancelFormat = z.strictObject({
  reason: z.string().regex(REASON, REASON_RULE),
});

interface JobRequest {
  readonly Params: { readonly job: string };
  readonly Body: Buffer;
}

/** Adds the routes; each answers with the job as it has become. */
export function addJobRequests(app: FastifyInstance, shell: JobRequestShell): void {
  const { control, log, status } = shell;
  const answer = (line: { readonly event: string }, stored: StoredJob) => {
    log.info({ ...line, job: stored.job, state: stored.status.state });
    return jobSummary(status, stored.job);
  };
  app.get('/jobs', async () => ({ jobs: await listJobs(status) }));
  app.post<JobRequest>('/jobs/:job/pause', async ({ params, body }) => {
    parseBody(nothingFormat, body);
    return answer({ event: 'job.paused' }, await control.pause(parseJobId(params.job)));
  });
  app.post<JobRequest>('/jobs/:job/resume', async ({ params, body }) => {
    parseBody(nothingFormat, body);
    return answer({ event: 'job.resumed' }, await control.resume(parseJobId(params.job)));
  });
  app.post<JobRequest>('/jobs/:job/cancel', async ({ params, body }) => {
    const { reason } = parseBody(cancelFormat, body);
    return answer({ event: 'job.cancelled' }, await control.cancel(parseJobId(params.job), reason));
  });
}

function parseBody<T>(format: z.ZodType<T>, body: Buffer): T {
  const parsed = format.safeParse(parseJson(body));
  if (!parsed.success) throw new Refusal('MALFORMED', describeIssues(parsed.error));
  return parsed.data;
}
