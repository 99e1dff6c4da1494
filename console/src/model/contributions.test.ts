import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toContributionRows } from './contributions.ts';

test('a contribution has no reason to be left out, and none is shown', () => {
  const about = { job: 'a', round: 1, attempt: 1, kind: 'training', ciphertextBytes: 1, atMs: 0 } as const;
  const [row] = toContributionRows([{ ...about, outcome: 'contributed', why: null }]);
  assert.deepEqual([row?.why, row?.round, row?.attempt, row?.size], ['', 'Round 1', '', '1 byte']);
});

test('what is awaited is said in words, and so is what kind of a round it was', () => {
  const about = { job: 'a', round: 0, attempt: 2, kind: 'statistics', ciphertextBytes: 0, atMs: 0 } as const;
  const [row] = toContributionRows([{ ...about, outcome: 'awaited', why: 'commitment' }]);
  assert.deepEqual(
    [row?.why, row?.round, row?.attempt, row?.size],
    ['update', 'Column statistics', 'attempt 2', ''],
  );
});
