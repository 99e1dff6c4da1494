import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { readAhead } from './read-ahead.ts';

async function* numbers(count: number, failure?: Error): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
  if (failure) throw failure;
}

/** All that is read until it ends or fails. */
async function collect(results: AsyncIterable<number>): Promise<[number[], unknown]> {
  const read: number[] = [];
  try {
    for await (const result of results) read.push(result);
  } catch (error) {
    return [read, error];
  }
  return [read, undefined];
}

test('results come in the order of the items, whichever is ready first', async () => {
  const start = async (item: number) => {
    for (let turns = 10 - item; turns > 0; turns--) await setImmediate();
    return item * item;
  };
  assert.deepEqual(await collect(readAhead(numbers(8), start, 4)), [[0, 1, 4, 9, 16, 25, 36, 49], undefined]);
});

test('several are under way, and never more than allowed', async () => {
  let running = 0;
  let most = 0;
  const start = async (item: number) => {
    most = Math.max(most, ++running);
    await setImmediate();
    running--;
    return item;
  };
  await collect(readAhead(numbers(20), start, 3));
  assert.equal(most, 3);
});

test('a failure comes in its place, after all that was before it', async () => {
  const broken = new Error('broken');
  const start = (item: number) => (item === 2 ? Promise.reject(broken) : Promise.resolve(item));
  assert.deepEqual(await collect(readAhead(numbers(5), start, 4)), [[0, 1], broken]);
  assert.deepEqual(await collect(readAhead(numbers(3, broken), (item) => Promise.resolve(item), 4)), [
    [0, 1, 2],
    broken,
  ]);
});
