import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteId } from '@blindsum/proto';
import { JobState } from '@blindsum/proto/rpc';
import { SmallJob } from '../../../test/simulation/small-job.ts';
import { watchRound } from './watch-round.ts';

function watch(job: SmallJob, site: SiteId) {
  const { rounds, drivers } = job.world;
  const caller = { site, signal: new AbortController().signal };
  const request = {
    $typeName: 'blindsum.v1.WatchRoundRequest',
    job: job.job,
    knownVersion: 0n,
    waitMs: 0,
  } as const;
  return watchRound({ watch: drivers.watch, rounds }, caller, request);
}

test('a site that consented after the round began is shown the job, and no round before the next one', async () => {
  const job = new SmallJob({ sites: 5 });
  const [late, ...present] = job.sites as [SiteId, ...SiteId[]];
  await job.start(present);
  await job.wait(60_000);
  await job.consent(late);
  const seen = await watch(job, late);
  assert.deepEqual([seen.jobState, seen.round], [JobState.RUNNING, undefined]);
  assert.equal((await watch(job, present[0]!)).round?.ref?.round, 0);
  await job.publish(present);
  assert.equal((await watch(job, late)).round?.ref?.round, 1);
});

test('a job that was cancelled says why, a paused one shows the round that it published last', async () => {
  const job = new SmallJob();
  await job.start();
  await job.world.drivers.control.pause(job.job);
  await job.publish();
  const paused = await watch(job, job.site(0));
  assert.deepEqual([paused.jobState, paused.round?.ref?.round], [JobState.PAUSED, 0]);
  await job.world.drivers.control.cancel(job.job, 'not needed');
  const cancelled = await watch(job, job.site(0));
  assert.deepEqual([cancelled.jobState, cancelled.failure], [JobState.CANCELLED, 'not needed']);
});
