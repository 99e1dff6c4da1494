// What is told of jobs over the stores of a simulated coordinator, of which one job cannot be read for a while.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import { SmallJob } from '../../../test/simulation/small-job.ts';
import { createJobReader } from '../job-document.ts';
import { RoundOutlines } from '../round-outlines.ts';
import type { StatusSource } from '../status.ts';
import { Happenings } from './happenings.ts';
import { StatusEvents } from './status-events.ts';

const [FIRST, SECOND, THIRD] = ['first', 'second', 'third'].map((name) => name as JobId) as [
  JobId,
  JobId,
  JobId,
];

interface Told {
  readonly type: string;
  readonly about: string | undefined;
}

/** Three jobs that wait for consents; those in `unreadable` fail to be read. */
async function opened() {
  const first = new SmallJob().beside(FIRST);
  const jobs = [first, first.beside(SECOND), first.beside(THIRD)];
  for (const job of jobs) await job.start([]);
  const { world } = first;
  const unreadable = new Set<JobId>();
  const source = {
    jobs: {
      open: () => world.jobs.open(),
      consents: (job: JobId) => world.jobs.consents(job),
      withdrawals: (job: JobId) => world.jobs.withdrawals(job),
      withdrawn: () => world.jobs.withdrawn(),
      head: async (job: JobId) => {
        if (unreadable.has(job)) throw new Error(`${job} cannot be read`);
        return world.jobs.head(job);
      },
    },
    ...{ rounds: world.rounds, reader: createJobReader(world.jobs, world.rosterReader) },
    ...{ jobRosters: world.drivers.shownRosters, clock: { nowMs: () => world.nowMs } },
    members: { list: async () => [] },
    blobs: { list: async () => [], listedBytes: async () => 0, totals: async () => ({}) },
    outlines: new RoundOutlines(world.rounds),
    logStatus: async () => ({ size: 1 }),
    trail: { last: async () => 1 },
    traffic: { ofJob: async () => () => [] },
  } as unknown as StatusSource;
  const happenings = new Happenings();
  const events = new StatusEvents(source, happenings);
  await events.begin();
  const look = async () => {
    const told: Told[] = [];
    const publish = (type: string, data: object) => {
      const { job, round } = data as { job?: { job: string }; round?: { round: number } };
      told.push({ type, about: job?.job ?? round?.round.toString() });
    };
    const failure = await events.look({ publish }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    return { told, failure };
  };
  return { jobs, happenings, unreadable, look };
}

const NEWS = (job: JobId): Told[] => [
  { type: 'round', about: '0' },
  { type: 'job', about: job },
];

test('a job that could not be looked at is told with the next look, and so are those after it', async () => {
  const { jobs, happenings, unreadable, look } = await opened();
  for (const job of jobs) {
    for (const site of job.sites) await job.consent(site);
    happenings.noteJob(job.job);
  }
  unreadable.add(SECOND);
  const failed = await look();
  assert.deepEqual(failed, { told: NEWS(FIRST), failure: 'second cannot be read' });
  assert.deepEqual(await look(), { told: [], failure: 'second cannot be read' });
  unreadable.clear();
  assert.deepEqual(await look(), { told: [...NEWS(SECOND), ...NEWS(THIRD)], failure: undefined });
  assert.deepEqual(await look(), { told: [], failure: undefined });
});

test('a job that is noted without being another one than before is not told', async () => {
  const { happenings, look } = await opened();
  happenings.noteJob(FIRST);
  assert.deepEqual(await look(), { told: [], failure: undefined });
});
