import assert from 'node:assert/strict';
import { test } from 'node:test';
import { medianOf, medianTasks, toTasks } from './console-tasks.ts';

test('the longest task is told, and of every one what it took beyond 50 ms', () => {
  const tasks = [
    { startTime: 10, duration: 60 },
    { startTime: 200, duration: 130 },
    { startTime: 500, duration: 50 },
  ];
  assert.deepEqual(toTasks(tasks), { longestMs: 130, blockingMs: 90 });
  assert.deepEqual(toTasks([]), { longestMs: 0, blockingMs: 0 });
});

test('the median is the middle one by size, and there is none of nothing', () => {
  assert.equal(medianOf([9, 1, 100]), 9);
  assert.equal(medianOf([100, 1, 9, 10]), 9);
  assert.throws(() => medianOf([]), /no median/);
  const runs = [
    { longestMs: 10, blockingMs: 3 },
    { longestMs: 30, blockingMs: 1 },
    { longestMs: 20, blockingMs: 2 },
  ];
  assert.deepEqual(medianTasks(runs), { longestMs: 20, blockingMs: 2 });
});
