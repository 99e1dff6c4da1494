import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import { FAULTS, type Fault } from '../../test/simulation/fault-injection.ts';
import { consentOf } from '../../test/simulation/model-site.ts';
import type { WorldPlan } from '../../test/simulation/simulated-world.ts';
import { SmallJob } from '../../test/simulation/small-job.ts';
import type { JobStatus } from './ports.ts';

const ONE_PLACE = { sites: 3, limits: { maxRunningJobs: 1, maxOpenJobs: 10 } };
const REASON = 'the data has moved';

const control = ({ world }: SmallJob) => world.drivers.control;
const statusOf = async (job: SmallJob): Promise<JobStatus> => (await job.view()).job.status;
const stateOf = async (job: SmallJob) => (await statusOf(job)).state;

/** A job at its first round, and one that waits for its place. */
async function twoJobs(plan: WorldPlan = ONE_PLACE): Promise<[SmallJob, SmallJob]> {
  const first = new SmallJob(plan);
  const second = first.beside('second');
  await first.start();
  await second.start();
  return [first, second];
}

async function finish(job: SmallJob): Promise<void> {
  while ((await stateOf(job)) === 'running') await job.publish();
}

test('a job is paused when its round has ended, and its place goes to the next one', async () => {
  const [first, second] = await twoJobs();
  assert.equal((await control(first).pause(first.job)).status.state, 'pausing');
  await first.act();
  assert.equal(await first.phase(), 'sealed');
  assert.deepEqual([await stateOf(first), await stateOf(second)], ['pausing', 'queued']);
  await first.finishSum();
  for (let step = 0; step < 4; step++) await first.act();
  await first.world.tick();
  const status = await statusOf(first);
  assert(status.state === 'paused' && status.after);
  assert.equal(status.after.last.round, 0);
  assert.equal(await stateOf(second), 'running');
  // A slower site can still see the round, and apply it.
  assert.equal(await first.phase(), 'published');
});

test('a job that is resumed waits for a place, and goes on with the next round from the same model', async () => {
  const [first, second] = await twoJobs();
  await control(first).pause(first.job);
  await first.publish();
  await first.world.tick();
  const published = (await first.view()).round?.round;
  assert.equal((await control(first).resume(first.job)).status.state, 'queued');
  await finish(second);
  await first.world.tick();
  const { round } = await first.view();
  assert(round && published?.phase === 'published');
  assert.deepEqual(round.id, { job: first.job, round: 1, attempt: 1 });
  assert.equal(round.round.rules.baseModelHash, published.modelHash);
  await finish(first);
  assert.equal(await stateOf(first), 'finished');
  const records = first.world.log.records.filter(
    ({ kind, predicate }) => kind === 'round' && predicate.job === first.job,
  );
  assert.equal(records.length, 3);
});

test('an attempt that fails while the job is to be paused is repeated after it is resumed', async () => {
  const job = new SmallJob();
  await job.start();
  await control(job).pause(job.job);
  await job.wait(40_000);
  assert.equal(await stateOf(job), 'paused');
  await control(job).resume(job.job);
  assert.deepEqual(await job.id(), { job: job.job, round: 0, attempt: 2 });
});

test('pausing and resuming again are retries, and a pause that has not come into effect can be taken back', async () => {
  const job = new SmallJob();
  await job.start();
  const pausing = await control(job).pause(job.job);
  assert.deepEqual(await control(job).pause(job.job), pausing);
  assert.equal((await control(job).resume(job.job)).status.state, 'running');
  assert.equal((await control(job).resume(job.job)).version, pausing.version + 1);
  await control(job).pause(job.job);
  await job.publish();
  const paused = await control(job).pause(job.job);
  assert.equal(paused.status.state, 'paused');
  await control(job).resume(job.job);
  const running = await control(job).resume(job.job);
  assert.equal(running.status.state, 'running');
});

test('a job that is paused while sites join takes consents, and starts only when it is resumed', async () => {
  const job = new SmallJob();
  await job.start([job.site(0)]);
  await control(job).pause(job.job);
  await job.consent(job.site(1));
  await job.consent(job.site(2));
  await job.wait(100_000);
  assert.deepEqual(await statusOf(job), { state: 'paused' });
  await control(job).resume(job.job);
  assert.equal(await stateOf(job), 'running');
});

test('a job that is paused in the queue leaves it, and comes last when it is resumed', async () => {
  const [first, second] = await twoJobs();
  const third = first.beside('third');
  first.world.nowMs += 1;
  await third.start();
  await control(second).pause(second.job);
  first.world.nowMs += 1;
  assert.equal((await control(second).resume(second.job)).status.state, 'queued');
  await finish(first);
  await first.world.tick();
  assert.deepEqual([await stateOf(second), await stateOf(third)], ['queued', 'running']);
});

test('a job whose last round ends while it is to be paused is finished', async () => {
  const job = new SmallJob();
  await job.start();
  for (let round = 0; round < 2; round++) await job.publish();
  await control(job).pause(job.job);
  await job.publish();
  assert.equal(await stateOf(job), 'finished');
});

for (const phase of ['collecting', 'sealed', 'summed', 'opening'] as const) {
  test(`a job cancelled while ${phase} fails its round and ends, and its place goes to the next one`, async () => {
    const [first, second] = await twoJobs();
    if (phase !== 'collecting') await first.act();
    if (phase !== 'collecting' && phase !== 'sealed') await first.finishSum();
    while ((await first.phase()) !== phase) await first.act();
    if (phase === 'opening') await first.act([first.site(0)]);
    const { status } = await control(first).cancel(first.job, REASON);
    const last = { job: first.job, round: 0, attempt: 1 };
    assert.deepEqual(status, { state: 'cancelled', reason: REASON, last });
    const round = (await first.view()).round?.round;
    assert(round?.phase === 'failed');
    assert.deepEqual([round.reason, round.detail], ['CANCELLED', REASON]);
    assert.equal(round.mayHaveOpened, phase === 'opening');
    const incident = first.world.log.records.at(-1);
    assert(incident?.kind === 'incident');
    assert.deepEqual([incident.predicate.reason, incident.predicate.excluded], ['CANCELLED', []]);
    // A sum that was under way is one that nobody awaits.
    if (phase === 'sealed') await first.finishSum();
    await first.world.tick();
    assert.equal(await stateOf(second), 'running');
    await finish(second);
    assert.equal(await stateOf(second), 'finished');
  });
}

test('a job is cancelled while it joins, waits, or is paused, and nothing is logged for it', async () => {
  const [first, queued] = await twoJobs();
  const [joining, paused] = [first.beside('joining'), first.beside('paused')];
  await joining.start([joining.site(0)]);
  await paused.start();
  await control(paused).pause(paused.job);
  const records = first.world.log.records.length;
  for (const job of [queued, joining, paused]) {
    await control(job).cancel(job.job, REASON);
    assert.deepEqual(await statusOf(job), { state: 'cancelled', reason: REASON });
    assert.equal(await job.consent(job.site(2)), job === joining ? 'refused' : 'accepted');
  }
  assert.equal(first.world.log.records.length, records);
  assert.deepEqual(
    (await first.world.jobs.open()).map(({ job }) => job),
    [first.job],
  );
});

test('a paused job that is cancelled still shows the round it published last', async () => {
  const job = new SmallJob();
  await job.start();
  await control(job).pause(job.job);
  await job.publish();
  await control(job).cancel(job.job, REASON);
  assert.equal(await stateOf(job), 'cancelled');
  assert.equal(await job.phase(), 'published');
});

test('cancelling again is a retry that keeps the first reason; a job that has ended otherwise is left alone', async () => {
  const job = new SmallJob();
  await job.start();
  const cancelled = await control(job).cancel(job.job, REASON);
  assert.deepEqual(await control(job).cancel(job.job, 'another'), cancelled);
  for (const act of ['pause', 'resume'] as const)
    await assert.rejects(control(job)[act](job.job), { code: 'WRONG_PHASE', detail: /is cancelled/ });
  const other = job.beside('other');
  await other.start();
  await finish(other);
  await assert.rejects(control(job).cancel(other.job, REASON), {
    code: 'WRONG_PHASE',
    detail: /is finished/,
  });
  await assert.rejects(control(job).cancel('none' as JobId, REASON), { code: 'NOT_FOUND' });
});

test('messages to a cancelled round are refused, and its deadlines do nothing', async () => {
  const job = new SmallJob();
  await job.start();
  const late = await job.owed(job.site(0));
  await control(job).cancel(job.job, REASON);
  const { version } = await job.view();
  assert.equal(await job.world.deliver(late, { round: 0, attempt: 1 }), 'refused');
  await job.wait(1_000_000);
  assert.equal((await job.view()).version, version);
});

test('a job whose last round is published when it is cancelled is finished', async () => {
  const faults: Faults = new Map();
  const job = new SmallJob({ sites: 3, faults });
  await job.start();
  for (let round = 0; round < 2; round++) await job.publish();
  await job.act();
  await job.finishSum();
  for (let step = 0; step < 3; step++) await job.act();
  await job.act(job.sites.slice(1));
  // The result is stored and logged; that the job ends is not.
  lose(job, faults, 4);
  await job.act([job.site(0)]);
  assert.deepEqual([await job.phase(), await stateOf(job)], ['published', 'running']);
  assert.equal((await control(job).cancel(job.job, REASON)).status.state, 'finished');
});

test('whichever write of a cancellation is lost, it is carried out, once', async () => {
  for (const fault of FAULTS) {
    for (let nth = 1; nth <= 7; nth++) {
      const faults: Faults = new Map();
      const [first, second] = await twoJobs({ ...ONE_PLACE, faults, faultsAreFatal: true });
      await first.act();
      lose(first, faults, nth, fault);
      // Whoever asked and had no answer asks again.
      while ((await first.world.asks(() => control(first).cancel(first.job, REASON))) === 'unknown');
      for (let ticks = 0; ticks < 3; ticks++) await first.world.tick();
      const states = [await stateOf(first), await stateOf(second)];
      assert.deepEqual(states, ['cancelled', 'running'], `write ${nth} ${fault}`);
      const incidents = first.world.log.records.filter(({ kind }) => kind === 'incident');
      assert.equal(incidents.length, 1);
    }
  }
});

test('a cancellation whose caller is gone is carried out by the next process', async () => {
  const faults: Faults = new Map();
  const [first, second] = await twoJobs({ ...ONE_PLACE, faults, faultsAreFatal: true });
  // The status is written, and the round is not.
  lose(first, faults, 2);
  assert.equal(await first.world.asks(() => control(first).cancel(first.job, REASON)), 'unknown');
  await first.world.tick();
  await first.world.tick();
  assert.deepEqual([await stateOf(first), await stateOf(second)], ['cancelled', 'running']);
});

test('whichever write is lost when a job is paused and resumed, it goes on where it was', async () => {
  for (const fault of FAULTS) {
    for (let nth = 1; nth <= 4; nth++) {
      const faults: Faults = new Map();
      const first = new SmallJob({ sites: 3, faults, faultsAreFatal: true });
      await first.start();
      await control(first).pause(first.job);
      await first.publish();
      lose(first, faults, nth, fault);
      while ((await first.world.asks(() => control(first).resume(first.job))) === 'unknown');
      await first.world.tick();
      assert.deepEqual(await first.id(), { job: first.job, round: 1, attempt: 1 }, `write ${nth} ${fault}`);
      await finish(first);
      assert.equal(await stateOf(first), 'finished');
    }
  }
});

test('a consent is refused once its job has ended', async () => {
  const job = new SmallJob();
  await job.start([job.site(0)]);
  await control(job).cancel(job.job, REASON);
  const consent = consentOf(job.site(1), await job.world.document());
  await assert.rejects(job.world.drivers.jobs.consent(job.job, job.site(1), consent), {
    code: 'WRONG_PHASE',
  });
});

type Faults = Map<number, Fault>;

/** Breaks the nth write from now on. */
function lose({ world }: SmallJob, faults: Faults, nth: number, fault: Fault = FAULTS[0]): void {
  faults.set(world.faults.writes + nth, fault);
}
