import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SmallJob } from '../../test/simulation/small-job.ts';
import { inQueue } from './job-status.ts';

const ONE_PLACE = { sites: 3, limits: { maxRunningJobs: 1, maxOpenJobs: 4 } };

/** A job that runs, and two that are ready, in this order. */
async function threeJobs(): Promise<[SmallJob, SmallJob, SmallJob]> {
  const first = new SmallJob(ONE_PLACE);
  const jobs: [SmallJob, SmallJob, SmallJob] = [first, first.beside('second'), first.beside('third')];
  for (const job of jobs) {
    await job.start();
    first.world.nowMs += 1000;
  }
  return jobs;
}

async function states(jobs: readonly SmallJob[]): Promise<string[]> {
  return Promise.all(jobs.map(async (job) => (await job.view()).job.status.state));
}

test('a job that is ready while all places are taken waits in the queue, and nothing of it is logged yet', async () => {
  const jobs = await threeJobs();
  assert.deepEqual(await states(jobs), ['running', 'queued', 'queued']);
  const logged = jobs[0].world.log.records.map(({ predicate }) => ('job' in predicate ? predicate.job : ''));
  assert.ok(!logged.includes(jobs[1].job));
  assert.deepEqual(inQueue(await jobs[0].world.jobs.open()), ['second', 'third']);
});

test('the job that became ready first comes first, whenever it was submitted', async () => {
  const first = new SmallJob(ONE_PLACE);
  const [early, late] = [first.beside('a-submitted-first'), first.beside('b-submitted-last')];
  await first.start();
  await early.start(early.sites.slice(1));
  first.world.nowMs += 1;
  await late.start();
  first.world.nowMs += 1;
  await early.consent(early.site(0));
  assert.deepEqual(inQueue(await first.world.jobs.open()), [late.job, early.job]);
});

test('when a job finishes, the next one starts by itself, and runs to its end', async () => {
  const jobs = await threeJobs();
  const [first, second, third] = jobs;
  for (let round = 0; round < 3; round++) await first.publish();
  await first.world.tick();
  assert.deepEqual(await states(jobs), ['finished', 'running', 'queued']);
  for (let round = 0; round < 3; round++) await second.publish();
  await second.world.tick();
  assert.deepEqual(await states(jobs), ['finished', 'finished', 'running']);
  assert.equal((await third.id()).round, 0);
});

test('when a job fails, its place is free', async () => {
  const jobs = await threeJobs();
  // Two attempts in which nobody commits.
  await jobs[0].wait(40_000);
  await jobs[0].wait(40_000);
  await jobs[0].world.tick();
  assert.deepEqual(await states(jobs), ['failed', 'running', 'queued']);
});

test('a site that consents while its job is queued takes part from the first round on', async () => {
  const first = new SmallJob({ ...ONE_PLACE, sites: 5 });
  const second = first.beside('second');
  await first.start();
  await second.start(second.sites.slice(1));
  await second.wait(60_000);
  assert.deepEqual(await states([first, second]), ['running', 'queued']);
  assert.equal(await second.consent(second.site(0)), 'accepted');
  await first.wait(0);
  await first.wait(40_000);
  await first.wait(40_000);
  await first.world.tick();
  assert.deepEqual(await states([first, second]), ['failed', 'running']);
  assert.deepEqual((await second.view()).round?.round.rules.sites, second.sites);
});

test('a queue survives a restart, and so does the order in it', async () => {
  const jobs = await threeJobs();
  await jobs[0].world.restart();
  assert.deepEqual(await states(jobs), ['running', 'queued', 'queued']);
  for (let round = 0; round < 3; round++) await jobs[0].publish();
  await jobs[0].world.restart();
  assert.deepEqual(await states(jobs), ['finished', 'running', 'queued']);
});

test('with more places, more jobs run at once, each with rounds of its own', async () => {
  const first = new SmallJob();
  const second = first.beside('second');
  await first.start();
  await second.start();
  assert.deepEqual(await states([first, second]), ['running', 'running']);
  await first.publish();
  assert.equal((await first.id()).round, 1);
  assert.equal((await second.id()).round, 0);
  await second.publish();
  assert.equal((await second.id()).round, 1);
});

test('a job beyond the limit of open jobs is refused in words, the same one again is a retry', async () => {
  const [first] = await threeJobs();
  await first.beside('fourth').start([]);
  assert.equal((await first.world.jobs.open()).length, 4);
  assert.equal(await first.world.tryToSubmit('fifth'), 'refused');
  assert.equal(await first.world.tryToSubmit('fourth'), 'accepted');
  assert.deepEqual(
    (await first.world.jobs.list()).map(({ job }) => job),
    ['test-job', 'second', 'third', 'fourth'],
  );
});

test('whichever write is lost when a place is given, the next job starts once', async () => {
  for (const fault of ['fails and does not persist', 'fails but persists'] as const) {
    for (let nth = 1; nth <= 6; nth++) {
      const faults = new Map();
      const first = new SmallJob({ ...ONE_PLACE, faults, faultsAreFatal: true });
      const second = first.beside('second');
      await first.start();
      await second.start();
      await first.wait(40_000);
      faults.set(first.world.faults.writes + nth, fault);
      await first.wait(40_000);
      for (let ticks = 0; ticks < 3; ticks++) await first.world.tick();
      assert.deepEqual(await states([first, second]), ['failed', 'running'], `write ${nth} ${fault}`);
      assert.equal((await first.world.rounds.list(second.job)).length, 1);
    }
  }
});
