import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SmallJob } from '../../test/simulation/small-job.ts';
import { JobWrites, type Decide } from './job-writes.ts';
import type { JobStore } from './ports.ts';

/** The store of another process, in which `before` comes first at each write. */
function racing(jobs: JobStore, before: () => Promise<unknown>): JobStore {
  return {
    load: (job) => jobs.load(job),
    head: (job) => jobs.head(job),
    list: () => jobs.list(),
    open: () => jobs.open(),
    create: (job) => jobs.create(job),
    replace: async (job, status) => {
      await before();
      return jobs.replace(job, status);
    },
    addConsent: (job, site, consent) => jobs.addConsent(job, site, consent),
    consents: (job) => jobs.consents(job),
    addWithdrawal: (job, site, withdrawal) => jobs.addWithdrawal(job, site, withdrawal),
    withdrawals: (job) => jobs.withdrawals(job),
    withdrawn: () => jobs.withdrawn(),
    saidBy: (site) => jobs.saidBy(site),
  };
}

test('a change that another process overtakes is decided again on what that one stored', async () => {
  const job = new SmallJob();
  await job.start();
  const { control } = job.world.drivers;
  const world = job.newProcess();
  const seen: string[] = [];
  const cancel: Decide = ({ status }) => {
    seen.push(status.state);
    return { state: 'cancelled', reason: 'overtaken' };
  };
  const writes = new JobWrites({ ...world, jobs: racing(world.jobs, () => control.pause(job.job)) });
  const stored = await writes.change(job.job, cancel);
  assert.deepEqual(seen, ['running', 'pausing']);
  assert.equal(stored.status.state, 'cancelled');
});

test('changes of one job are decided one after another, and a decision for nothing writes nothing', async () => {
  const job = new SmallJob();
  await job.start([]);
  const writes = new JobWrites(job.newProcess());
  const { version } = (await job.view()).job;
  const seen: number[] = [];
  const note: Decide = async (stored) => {
    seen.push(stored.version);
    await new Promise((resolve) => setImmediate(resolve));
    return { state: 'joining' };
  };
  const changes = await Promise.all([
    writes.change(job.job, note),
    writes.change(job.job, note),
    writes.change(job.job, () => undefined),
  ]);
  assert.deepEqual(seen, [version, version + 1]);
  assert.deepEqual(
    changes.map((stored) => stored.version),
    [version + 1, version + 2, version + 2],
  );
});
