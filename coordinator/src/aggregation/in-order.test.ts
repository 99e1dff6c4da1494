import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from './in-order.ts';

test('results come in order, whatever the order in which they are ready', async () => {
  const results = inOrder({ first: 3, end: 23 }, 4, async (n) => {
    for (let i = 0; i < (n * 7) % 5; i++) await Promise.resolve();
    return n;
  });
  assert.deepEqual(
    await collect(results),
    Array.from({ length: 20 }, (_, i) => i + 3),
  );
});

test('no more operations are started than the width, until a result is taken', async () => {
  let started = 0;
  const results = inOrder({ first: 0, end: 10 }, 3, async () => started++);
  await results.next();
  await new Promise(setImmediate);
  assert.equal(started, 3);
  await results.next();
  assert.equal(started, 4);
});

test('the first error in order ends it, and the others are not left unhandled', async () => {
  const taken: number[] = [];
  const results = inOrder({ first: 0, end: 10 }, 4, async (n) => {
    if (n >= 2) throw new Error(`operation ${n}`);
    return n;
  });
  await assert.rejects(async () => {
    for await (const n of results) taken.push(n);
  }, /operation 2/);
  await new Promise(setImmediate);
  assert.deepEqual(taken, [0, 1]);
});

test('an empty range gives nothing', async () => {
  assert.deepEqual(await collect(inOrder({ first: 5, end: 5 }, 2, async (n) => n)), []);
});

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const result of results) collected.push(result);
  return collected;
}
