import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toContributionRows } from './contributions.ts';

test('a contribution has no reason to be left out, and none is shown', () => {
  const about = { job: 'a', round: 1, attempt: 1, kind: 'training', ciphertextBytes: 1, atMs: 0 } as const;
  const [row] = toContributionRows([{ ...about, outcome: 'contributed', why: null }]);
  assert.equal(row?.why, '');
});
