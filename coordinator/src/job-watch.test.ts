import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settleMicrotasks } from '../../test/simulation/simulated-world.ts';
import { SmallJob } from '../../test/simulation/small-job.ts';
import { createDrivers } from './drivers.ts';
import { isVisible, JobWatch } from './job-watch.ts';
import type { RoundId, RoundStore } from './ports.ts';

const never = new AbortController().signal;

test('whoever knows an older version is answered at once', async () => {
  const job = new SmallJob();
  await job.start();
  const { version } = await job.view();
  const view = await job.world.drivers.watch.waitForChange(job.world.job, version - 1, never);
  assert.equal(view.version, version);
});

test('whoever knows the current version is answered when it changes', async () => {
  const job = new SmallJob();
  await job.start();
  const { version } = await job.view();
  let answered: number | undefined;
  const wait = job.world.drivers.watch.waitForChange(job.world.job, version, never).then((view) => {
    answered = view.version;
  });
  await settleMicrotasks();
  assert.equal(answered, undefined);
  await job.act([job.site(0)]);
  await wait;
  assert.ok(answered !== undefined && answered > version);
});

test('a change while the job is being looked at is not missed', async () => {
  const job = new SmallJob();
  await job.start();
  const { version } = await job.view();
  const world = job.newProcess();
  const load = async (id: RoundId) => {
    const stored = await world.rounds.load(id);
    if (stored?.version !== 1) return stored;
    await job.act([job.site(0)]);
    world.changes.announce(id.job);
    return stored;
  };
  const { rounds, checkpoints } = createDrivers(world);
  const watch = new JobWatch({ ...world, rounds: { load } as RoundStore }, rounds, checkpoints);
  const stop = new AbortController();
  const wait = watch.waitForChange(job.world.job, version, stop.signal);
  let answered = false;
  void wait.then(() => (answered = true));
  for (let turn = 0; turn < 10; turn++) await settleMicrotasks();
  assert.equal(answered, true);
  stop.abort();
  assert.ok((await wait).version > version);
});

test('whoever stops waiting is told what is the case', async () => {
  const job = new SmallJob();
  await job.start();
  const { version } = await job.view();
  const stop = new AbortController();
  const wait = job.world.drivers.watch.waitForChange(job.world.job, version, stop.signal);
  stop.abort();
  assert.equal((await wait).version, version);
});

test('an unknown job is refused', async () => {
  const { world } = new SmallJob();
  await assert.rejects(world.drivers.watch.view(world.job), { code: 'NOT_FOUND' });
});

test('the version grows with every change, from round to round', async () => {
  const job = new SmallJob();
  await job.start();
  const versions = [(await job.view()).version];
  for (let round = 0; round < 3; round++) {
    await job.publish();
    versions.push((await job.view()).version);
  }
  assert.deepEqual(
    versions,
    versions.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(versions).size, 4);
  assert.equal((await job.view()).job.status.state, 'finished');
});

test('a state is shown only once it is in the log: whoever looks first logs it', async () => {
  const job = new SmallJob({ sites: 3, faults: new Map([[sealingWrite, 'fails and does not persist']]) });
  await job.start();
  await job.act();
  const stored = await job.world.rounds.load({ job: job.world.job, round: 0, attempt: 1 });
  assert(stored?.round.phase === 'sealed');
  assert.equal(isVisible(stored), false);
  assert.equal(job.world.log.sealedIndex(stored.round.set.root), -1);
  const view = await job.view();
  assert(view.round?.round.phase === 'sealed' && isVisible(view.round));
  assert.ok(job.world.log.sealedIndex(stored.round.set.root) >= 0);
});

/** Of a job with three sites: the job, 3 consents, 6 writes to start it, 3 commitments; then the set is logged. */
const sealingWrite = 1 + 3 + 6 + 3 + 1;
