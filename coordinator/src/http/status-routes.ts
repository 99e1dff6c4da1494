// Read-only status as JSON, for operators, scripts and the console.
import type { FastifyInstance } from 'fastify';
import { parseJobId, Refusal, refuseUnless } from '@blindsum/proto';
import {
  jobStatus,
  listJobs,
  listRounds,
  listSites,
  overview,
  roundAttempts,
  type StatusSource,
} from '../status.ts';

type JobParams = { Params: { job: string } };
type RoundParams = { Params: { job: string; round: string } };

export function addStatusRoutes(app: FastifyInstance, source: StatusSource): void {
  app.get('/v1/status', () => overview(source));
  app.get('/v1/sites', async () => ({ sites: await listSites(source) }));
  app.get('/v1/jobs', async () => ({ jobs: await listJobs(source) }));
  app.get<JobParams>('/v1/jobs/:job', ({ params }) => jobStatus(source, parseJobId(params.job)));
  app.get<JobParams>('/v1/jobs/:job/rounds', async ({ params }) => ({
    rounds: await listRounds(source, parseJobId(params.job)),
  }));
  app.get<RoundParams>('/v1/jobs/:job/rounds/:round', async ({ params: { job, round } }) => {
    const attempts = await roundAttempts(source, parseJobId(job), parseRoundNumber(round));
    if (attempts.length === 0) throw new Refusal('NOT_FOUND', `${job} has no round ${round}`);
    return { attempts };
  });
}

function parseRoundNumber(text: string): number {
  refuseUnless(/^(?:0|[1-9][0-9]{0,4})$/.test(text), 'MALFORMED', 'round: expected a whole number');
  return Number(text);
}
