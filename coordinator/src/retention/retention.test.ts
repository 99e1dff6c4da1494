// Retention at a real coordinator: rounds are played by sites, and what is on disk is looked at.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, test } from 'node:test';
import type { JobId, SiteId } from '@blindsum/proto';
import { startTestCoordinator } from '../federation.fixture.ts';
import type { JobHead, JobStore } from '../ports.ts';
import { COLLECTING, PUBLISHED } from '../round/sample-rounds.fixture.ts';
import { MemoryBlobStore } from '../storage/memory-blob-store.ts';
import { TestJob } from '../whole-rounds.fixture.ts';
import { Retention } from './retention.ts';

test('bodies of old rounds leave the disk, those of the last one stay, and operators see how much there is', async () => {
  const coordinator = await startTestCoordinator(
    {},
    { retention: { publishedRounds: 1, failedAttempts: 0 } },
  );
  after(() => coordinator.remove());
  const job = await TestJob.start(coordinator);
  after(() => job.close());
  const filesOf = (round: number) =>
    readdir(join(coordinator.config.stateDirectory, 'blobs', job.job, `${round}-1`)).catch(() => []);
  await job.play(2);
  for (let tries = 0; tries < 100 && (await filesOf(0)).length > 0; tries++) await sleep(50);
  assert.deepEqual(await filesOf(0), []);
  const kept = (await filesOf(1)).filter((file) => !file.endsWith('.checkpoint'));
  assert.equal(kept.length, 3 * 3 + 1, String(kept));
  const { jobs } = (await (await coordinator.get('/v1/status')).json()) as {
    jobs: { bytesOnDisk: number }[];
  };
  // Two chunks, shares and an opening of each site, and the sum.
  assert.equal(jobs[0]!.bytesOnDisk, 4 * 2 * 32768 + 3 * 2 * 3 * 9328);
  const metrics = await (await coordinator.get('/metrics')).text();
  assert.match(metrics, /blindsum_removed_bytes_total\{kind="ciphertext"\} 98304/);
  assert.match(metrics, new RegExp(`blindsum_blob_bytes ${jobs[0]!.bytesOnDisk}`));
  await job.play(1);
  assert.deepEqual(coordinator.crashes, []);
});

const JOB = 'job-1' as JobId;
const ROUNDS = 300;

/** A job with one blob in each of its published rounds, and one that is collecting. */
async function openWorld() {
  const blobs = new MemoryBlobStore();
  const stored = Array.from({ length: ROUNDS + 1 }, (_, round) => ({
    id: { job: JOB, round, attempt: 1 },
    version: 1,
    round: round < ROUNDS ? PUBLISHED : COLLECTING,
    owed: [],
    startedMs: 0,
  }));
  for (const { id } of stored)
    await blobs.append({ id, kind: 'ciphertext', owner: 'a' as SiteId }, 0, new Uint8Array(3));
  const current = stored.at(-1)!.id;
  const head: JobHead = {
    job: JOB,
    version: 1,
    status: { state: 'running', current, lastRecord: '' },
    submittedMs: 0,
  };
  const world = { blobs, nowMs: 0, looks: 0, removed: 0 };
  const jobs = { list: async () => [head], open: async () => [head], load: async () => head };
  const open = () =>
    new Retention({
      jobs: jobs as unknown as JobStore,
      rounds: {
        list: async () => {
          world.looks++;
          return stored;
        },
      },
      blobs,
      rules: { publishedRounds: 1, failedAttempts: 0 },
      clock: { nowMs: () => world.nowMs },
      removed: (_, bytes) => (world.removed += bytes),
    });
  return { world, open, left: async () => (await blobs.list(JOB)).length };
}

test('a bounded number is removed at a time, a restart goes on, and afterwards nothing is looked at', async () => {
  const { world, open, left } = await openWorld();
  await open().work();
  assert.equal(await left(), ROUNDS + 1 - 256);
  const restarted = open();
  await restarted.work();
  assert.equal(await left(), 2);
  assert.equal(world.removed, 3 * (ROUNDS - 1));
  const { looks } = world;
  for (let i = 0; i < 5; i++) await restarted.work();
  assert.equal(world.looks, looks);
});

test('nothing is removed while somebody copies', async () => {
  const { world, open, left } = await openWorld();
  const retention = open();
  retention.hold(1000);
  await retention.work();
  world.nowMs = 999;
  await retention.work();
  assert.equal(await left(), ROUNDS + 1);
  world.nowMs = 1000;
  await retention.work();
  assert.equal(await left(), ROUNDS + 1 - 256);
});
