import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK_BYTES, type Digest, type JobId } from '@blindsum/proto';
import type { SumTask } from '../ports.ts';
import { DiskWatch } from './disk-watch.ts';
import { isDiskFull } from './full-disk.ts';
import { createPatientTicks } from './patient-ticks.ts';
import { roomyAggregator } from './roomy-aggregator.ts';

function watch(free: number) {
  const world = { free, nowMs: 1_000_000 };
  const events: string[] = [];
  const say = (line: { event: string }): void => void events.push(line.event);
  const disk = new DiskWatch({
    space: { freeBytes: async () => world.free },
    reserveBytes: 1000,
    clock: { nowMs: () => world.nowMs },
    log: { error: say, warn: say, info: say } as never,
  });
  return { world, events, disk };
}

test('a disk that runs full is said once, until half a minute has passed without a write that failed', async () => {
  const { world, events, disk } = watch(5000);
  assert.equal((await disk.look()).state, 'ok');
  for (let i = 0; i < 1000; i++) {
    disk.noteFull();
    world.nowMs += 29;
    assert.equal((await disk.look()).state, 'full');
  }
  world.nowMs += 30_000;
  assert.equal((await disk.look()).state, 'ok');
  assert.deepEqual(events, ['disk.full', 'disk.ok']);
});

test('a disk that has no more than its reserve is low, until it has clearly more', async () => {
  const { world, events, disk } = watch(1000);
  for (const [free, state] of [
    [1000, 'ok'],
    [999, 'low'],
    [1000, 'low'],
    [1049, 'low'],
    [1050, 'ok'],
  ] as const) {
    world.free = free;
    assert.deepEqual(await disk.look(), { state, freeBytes: free, reserveBytes: 1000 });
  }
  assert.deepEqual(events, ['disk.low', 'disk.ok']);
});

const errno = (code: string) => Object.assign(new Error(code), { code });

test('recovery that finds the disk full is repeated until it succeeds, and ticks follow it', async () => {
  const { disk } = watch(0);
  const done: string[] = [];
  let failures = 2;
  const step = (name: string) => async () => {
    if (failures-- > 0) throw errno('ENOSPC');
    done.push(name);
  };
  const tick = createPatientTicks({ recover: step('recover'), tick: step('tick') }, disk);
  for (let i = 0; i < 4; i++) await tick();
  assert.deepEqual(done, ['recover', 'tick']);
  failures = 1;
  for (let i = 0; i < 2; i++) await tick();
  assert.deepEqual(done, ['recover', 'tick', 'tick']);
  assert.equal((await disk.look()).state, 'full');
});

test('any other error of a tick ends the process', async () => {
  const { disk } = watch(0);
  const failing = async () => {
    throw errno('EIO');
  };
  await assert.rejects(createPatientTicks({ recover: failing, tick: failing }, disk)(), { code: 'EIO' });
});

test('a sum is not begun without room for what is missing of it', async () => {
  const task: SumTask = {
    id: { job: 'job-1' as JobId, round: 1, attempt: 1 },
    context: 'ab'.repeat(32) as Digest,
    set: { setAttempt: 1, root: 'cd'.repeat(32) as Digest, members: [], excluded: [] },
    chunks: 100,
  };
  const world = { free: 0, there: 0, sums: 0 };
  const aggregator = roomyAggregator({
    aggregator: {
      async sum() {
        world.sums++;
        return { root: task.context, checksums: ['', ''] };
      },
    },
    blobs: { size: async () => world.there },
    space: { freeBytes: async () => world.free },
  });
  const size = 100 * CHUNK_BYTES;
  const margin = 1 << 20;
  for (const [there, free, isDone] of [
    [0, size + margin - 1, false],
    [0, size + margin, true],
    [CHUNK_BYTES, size + margin - CHUNK_BYTES, true],
    [size, 0, true],
  ] as const) {
    Object.assign(world, { there, free, sums: 0 });
    const outcome = await aggregator.sum(task).catch((error: unknown) => error);
    assert.equal(isDiskFull(outcome), !isDone);
    assert.equal(world.sums, isDone ? 1 : 0);
  }
});
