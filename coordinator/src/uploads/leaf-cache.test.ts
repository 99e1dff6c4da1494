import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLeafCache } from './leaf-cache.ts';

const leaves = (count: number) => Array.from({ length: count }, (_, i) => Uint8Array.of(i));

test('the blobs used longest ago are forgotten first, until the rest fits', () => {
  const cache = createLeafCache(10);
  for (const key of ['a', 'b', 'c']) cache.set(key, leaves(3));
  cache.get('a');
  cache.set('d', leaves(4));
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => cache.get(key)?.length),
    [3, undefined, 3, 4],
  );
});

test('what is replaced or deleted takes no room', () => {
  const cache = createLeafCache(5);
  for (let i = 0; i < 9; i++) cache.set('a', leaves(3));
  cache.set('b', leaves(2));
  cache.set('c', leaves(2));
  assert.equal(cache.get('a'), undefined);
  cache.delete('c');
  cache.delete('c');
  cache.set('d', leaves(3));
  assert.equal(cache.get('b')?.length, 2);
});

test('more leaves than fit are not kept at all', () => {
  const cache = createLeafCache(2);
  cache.set('a', leaves(3));
  assert.equal(cache.get('a'), undefined);
});
