// What the operator asks about models that sites make public.
import type { FastifyInstance } from 'fastify';
import { parseJobId, refuseUnless } from '@blindsum/proto';
import { listReleases, showRelease } from '../release/release-status.ts';
import type { ReleaseStore } from '../release/release-store.ts';

export interface ReleaseRequestShell {
  readonly releases: Pick<ReleaseStore, 'list' | 'load'>;
}

interface ReleaseRequest {
  readonly Params: { readonly job: string; readonly round: string };
}

export function addReleaseRequests(app: FastifyInstance, { releases }: ReleaseRequestShell): void {
  app.get('/releases', () => listReleases(releases));
  app.get<ReleaseRequest>('/releases/:job/:round', ({ params: { job, round } }) => {
    refuseUnless(/^(0|[1-9][0-9]{0,6})$/.test(round), 'MALFORMED', 'round: expected a number');
    return showRelease(releases, parseJobId(job), Number(round));
  });
}
