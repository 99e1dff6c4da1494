// Models that sites make public: what they say about it, and what is released.
import type { FastifyInstance } from 'fastify';
import { RELEASE_FILES, type ReleasedModels } from '../release/released-models.ts';
import { listReleases, showRelease } from '../release/release-status.ts';
import type { ReleaseStore } from '../release/release-store.ts';
import { pageQuery } from './documents/pages.ts';
import * as documents from './documents/release.ts';
import { roundParams } from './documents/values.ts';
import { toPage, toSortKey } from './page.ts';
import { addRead } from './read.ts';

export interface ReleaseShell {
  readonly releases: Pick<ReleaseStore, 'list' | 'load'>;
  readonly models: Pick<ReleasedModels, 'list'>;
}

const keyOf = ({ job, round }: { readonly job: string; readonly round: number }) =>
  `${job} ${toSortKey(round)}`;

export function addReleaseRoutes(app: FastifyInstance, shell: ReleaseShell): void {
  addRead(app, {
    ...{ name: 'listReleases', topic: 'models', path: '/v1/releases' },
    summary: 'What members say about making models public',
    ...{ query: pageQuery, answer: documents.releasesDocument },
    async read({ query }) {
      const { releases: all } = await listReleases(shell.releases);
      const { items: releases, next } = toPage(all, { keyOf }, query);
      return { releases, next };
    },
  });
  addRead(app, {
    ...{ name: 'getRelease', topic: 'models', path: '/v1/releases/:job/:round' },
    summary: 'The same of one model',
    ...{ params: roundParams, answer: documents.releaseDocument },
    read: ({ params: { job, round } }) => showRelease(shell.releases, job, round),
  });
  addRead(app, {
    ...{ name: 'listModels', topic: 'models', path: '/v1/models', summary: 'Models that anybody may fetch' },
    ...{ query: pageQuery, answer: documents.modelsDocument },
    async read({ query }) {
      const { items, next } = toPage(await shell.models.list(), { keyOf }, query);
      return { models: items.map(withFiles), next };
    },
  });
}

/** With the paths at which its files are served. */
export function withFiles({ job, round, fileDigest }: Awaited<ReturnType<ReleasedModels['list']>>[number]) {
  const files = RELEASE_FILES.map((file) => `/models/${job}/${round}/${file}`);
  return { job, round, fileDigest, files };
}
