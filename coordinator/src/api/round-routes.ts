// Rounds of a job, what was measured in them, and who can read what.
import type { FastifyInstance } from 'fastify';
import { Refusal } from '@blindsum/proto';
import { createCurves } from '../job-curves.ts';
import { jobPrivacy } from '../job-privacy.ts';
import type { ReleaseStore } from '../release/release-store.ts';
import { listRounds, roundAttempts } from '../round-status.ts';
import type { StatusSource } from '../status.ts';
import { privacyDocument } from './documents/privacy.ts';
import * as documents from './documents/round.ts';
import { jobParams, roundParams } from './documents/values.ts';
import { toPage, toSortKey } from './page.ts';
import { addRead } from './read.ts';

export interface RoundShell {
  readonly status: StatusSource;
  readonly releases: Pick<ReleaseStore, 'list' | 'load'>;
}

export function addRoundRoutes(app: FastifyInstance, shell: RoundShell): void {
  addRead(app, {
    ...{ name: 'listRounds', topic: 'jobs', path: '/v1/jobs/:job/rounds' },
    summary: 'Every attempt of every round',
    ...{ params: jobParams, query: documents.roundsQuery, answer: documents.roundsDocument },
    async read({ params, query }) {
      const all = await listRounds(shell.status, params.job);
      const { items: rounds, next } = toPage(
        all,
        { keyOf: ({ round, attempt }) => toSortKey(round, attempt) },
        query,
      );
      return { rounds, next };
    },
  });
  addRead(app, {
    ...{ name: 'getRound', topic: 'jobs', path: '/v1/jobs/:job/rounds/:round' },
    summary: 'The attempts of a round, with what each site has uploaded',
    ...{ params: roundParams, answer: documents.attemptsDocument },
    async read({ params: { job, round } }) {
      const attempts = await roundAttempts(shell.status, job, round);
      if (attempts.length === 0) throw new Refusal('NOT_FOUND', `${job} has no round ${round}`);
      return { attempts };
    },
  });
  addInsights(app, shell);
}

function addInsights(app: FastifyInstance, { status, releases }: RoundShell): void {
  const curves = createCurves();
  addRead(app, {
    ...{ name: 'getCurves', topic: 'jobs', path: '/v1/jobs/:job/curves', answer: documents.curvesDocument },
    summary: 'What was measured in each published round, over all contributors',
    params: jobParams,
    read: ({ params }) => curves.read(status, params.job),
  });
  addRead(app, {
    ...{ name: 'getPrivacy', topic: 'jobs', path: '/v1/jobs/:job/privacy', answer: privacyDocument },
    summary: 'What leaves a site in this job, in which form, and who can read it',
    params: jobParams,
    read: ({ params }) => jobPrivacy(status, releases, params.job),
  });
}
