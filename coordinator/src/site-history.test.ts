// What an operator is told of the contributions of a site, over the stores of a simulated coordinator.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteId } from '@blindsum/proto';
import { SmallJob } from '../../test/simulation/small-job.ts';
import { createJobReader } from './job-document.ts';
import { RoundOutlines } from './round-outlines.ts';
import { contributionsOfSite } from './site-history.ts';
import type { StatusSource } from './status.ts';

const LONG_MS = 24 * 3_600_000;

/** `round-attempt outcome, why` of each, in their order. */
function historiesOf({ world }: SmallJob) {
  const source = {
    members: { load: async (site: SiteId) => (world.sites.includes(site) ? { site } : undefined) },
    jobs: world.jobs,
    reader: createJobReader(world.jobs, world.rosterReader),
    outlines: new RoundOutlines(world.rounds),
    blobs: { listedBytes: async () => 7 },
  } as unknown as StatusSource;
  return async (site: SiteId) =>
    (await contributionsOfSite(source, site)).map(
      ({ round, attempt, outcome, why }) => `${round}-${attempt} ${outcome}, ${why}`,
    );
}

test('a site is awaited until its commitment is in, and then has contributed', async () => {
  const job = new SmallJob();
  const history = historiesOf(job);
  assert.deepEqual(await history(job.site(0)), []);
  await job.start();
  assert.deepEqual(await history(job.site(0)), ['0-1 awaited, commitment']);
  await job.act([job.site(0)]);
  assert.deepEqual(await history(job.site(0)), ['0-1 contributed, null']);
  assert.deepEqual(await history(job.site(1)), ['0-1 awaited, commitment']);
  await assert.rejects(history('nobody' as SiteId), /NOT_FOUND/);
});

test('who was left out is told why: late, withdrawn, or with a round that failed', async () => {
  const job = new SmallJob({ sites: 4 });
  const history = historiesOf(job);
  await job.start();
  const [a, b, c, late] = job.sites as [SiteId, SiteId, SiteId, SiteId];
  await job.act([a, b, c]);
  await job.wait(LONG_MS);
  assert.equal(await job.phase(), 'sealed');
  assert.deepEqual(await history(a), ['0-1 contributed, null']);
  assert.deepEqual(await history(late), ['0-1 leftOut, late']);
  await job.finishSum();
  for (let step = 0; step < 4; step++) await job.act([a, b, c]);
  await job.withdraw(late, 2);
  await job.act([a, b, c]);
  await job.wait(LONG_MS);
  await job.finishSum();
  for (let step = 0; step < 4; step++) await job.act([a, b, c]);
  assert.deepEqual(await history(late), ['0-1 leftOut, late', '1-1 leftOut, late', '2-1 leftOut, withdrawn']);
  await job.world.asks(() => job.world.drivers.control.cancel(job.job, 'enough'));
  assert.equal((await history(a)).at(-1), '2-1 leftOut, CANCELLED: the round failed');
});
