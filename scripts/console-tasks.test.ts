import assert from 'node:assert/strict';
import { test } from 'node:test';
import { medianOf, medianTasks, toTasks } from './console-tasks.ts';

test('the longest task is told, and of every one what it took beyond 50 ms', () => {
  const tasks = [
    { startTime: 10, duration: 60 },
    { startTime: 200, duration: 130 },
    { startTime: 500, duration: 50 },
  ];
  assert.deepEqual(toTasks(tasks, []), { longestMs: 130, blockingMs: 90, processorMs: 0 });
  assert.deepEqual(toTasks([], []), { longestMs: 0, blockingMs: 0, processorMs: 0 });
});

test('processor time is that of a task of the page, and of no other thread', () => {
  const [page, other] = [
    { pid: 1, tid: 1 },
    { pid: 1, tid: 2 },
  ];
  const trace = [
    { name: 'RunTask', ...page, tdur: 4000 },
    { name: 'RunTask', ...page, tdur: 7500 },
    { name: 'RunTask', ...other, tdur: 90_000 },
    { name: 'Layout', ...page, tdur: 8000 },
    { name: 'thread_name', ...page, args: { name: 'CrRendererMain' } },
    { name: 'thread_name', ...other, args: { name: 'Compositor' } },
  ];
  assert.equal(toTasks([], trace).processorMs, 7.5);
});

test('the median is the middle one by size, and there is none of nothing', () => {
  assert.equal(medianOf([9, 1, 100]), 9);
  assert.equal(medianOf([100, 1, 9, 10]), 9);
  assert.throws(() => medianOf([]), /no median/);
  const runs = [
    { longestMs: 10, blockingMs: 3, processorMs: 7 },
    { longestMs: 30, blockingMs: 1, processorMs: 8 },
    { longestMs: 20, blockingMs: 2, processorMs: 6 },
  ];
  assert.deepEqual(medianTasks(runs), { longestMs: 20, blockingMs: 2, processorMs: 7 });
});
