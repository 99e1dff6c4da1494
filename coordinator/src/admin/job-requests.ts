// What the operator asks of jobs that were submitted: pause, resume, cancel. Over the admin socket and over HTTP alike.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { parseJobId } from '@blindsum/proto';
import { addAction, type ActionShell } from '../administration/actions.ts';
import type { JobControl } from '../job-control.ts';
import type { StoredJob } from '../ports.ts';
import { REASON, REASON_RULE } from '../reason.ts';
import { jobSummary, type StatusSource } from '../status.ts';
import { parseBody } from './json-body.ts';

export interface JobRequestShell extends ActionShell {
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

/** Adds the routes under `prefix`; each answers with the job as it has become. */
export function addJobRequests(app: FastifyInstance, shell: JobRequestShell, prefix: string): void {
  const { control, log, status } = shell;
  const answer = (line: { readonly event: string }, stored: StoredJob) => {
    log.info({ ...line, job: stored.job, state: stored.status.state });
    return jobSummary(status, stored.job);
  };
  const subject = ({ params }: FastifyRequest<JobRequest>) => params.job;
  const method = 'POST';
  addAction<JobRequest>(app, shell, {
    ...{ method, subject, path: `${prefix}/:job/pause`, action: 'job.pause' },
    async act({ params, body }) {
      parseBody(nothingFormat, body);
      return answer({ event: 'job.paused' }, await control.pause(parseJobId(params.job)));
    },
  });
  addAction<JobRequest>(app, shell, {
    ...{ method, subject, path: `${prefix}/:job/resume`, action: 'job.resume' },
    async act({ params, body }) {
      parseBody(nothingFormat, body);
      return answer({ event: 'job.resumed' }, await control.resume(parseJobId(params.job)));
    },
  });
  addAction<JobRequest>(app, shell, {
    ...{ method, subject, path: `${prefix}/:job/cancel`, action: 'job.cancel' },
    async act({ params, body }) {
      const { reason } = parseBody(cancelFormat, body);
      return answer({ event: 'job.cancelled' }, await control.cancel(parseJobId(params.job), reason));
    },
  });
}
