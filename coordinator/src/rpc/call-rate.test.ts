import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCallRate } from './call-rate.ts';

const LIMITS = { callsPerSecond: 5, callsPerSecondPerAddress: 2 };

test('an address has its calls a second, and no address has those of another', () => {
  const rate = createCallRate(LIMITS);
  const admitted = (address: string, atMs: number) => rate.admit(address, atMs);
  assert.deepEqual(
    [0, 1, 2].map((atMs) => admitted('a', atMs)),
    [true, true, false],
  );
  assert.equal(admitted('b', 3), true);
  assert.equal(admitted('a', 999), false);
  assert.equal(admitted('a', 1000), true);
});

test('all addresses together have theirs', () => {
  const rate = createCallRate(LIMITS);
  const answers = ['a', 'b', 'c', 'd', 'e', 'f'].map((address) => rate.admit(address, 0));
  assert.deepEqual(answers, [true, true, true, true, true, false]);
  assert.equal(rate.admit('f', 1001), true);
});

test('a clock that is set back locks nobody out', () => {
  const rate = createCallRate(LIMITS);
  for (let i = 0; i < 5; i++) rate.admit(`${i}`, 10_000);
  assert.equal(rate.admit('a', 5000), true);
});
