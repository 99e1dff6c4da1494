import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, JobId } from './identifiers.ts';
import { roundContext, roundKind, type RoundTerms } from './round-terms.ts';

const TERMS: RoundTerms = {
  federation: 'test.example',
  job: 'job' as JobId,
  round: 1,
  attempt: 1,
  baseModelHash: 'a'.repeat(64) as Digest,
  manifestHash: 'b'.repeat(64) as Digest,
  rosterHash: 'c'.repeat(64) as Digest,
};

const CHANGES: Partial<RoundTerms>[] = [
  { federation: 'test.exampl', job: 'ejob' as JobId },
  { job: 'job2' as JobId },
  { round: 2 },
  { attempt: 2 },
  { baseModelHash: 'd'.repeat(64) as Digest },
  { manifestHash: 'd'.repeat(64) as Digest },
  { rosterHash: 'd'.repeat(64) as Digest },
];

test('each of the terms changes the context', () => {
  const contexts = [TERMS, ...CHANGES.map((change) => ({ ...TERMS, ...change }))].map(roundContext);
  assert.equal(new Set(contexts).size, contexts.length);
});

test('the context of fixed terms is fixed', () => {
  assert.equal(roundContext(TERMS), 'fb0490504c1b350b65c0391760d7ee73604fa318751a67a9692d68c403a6e28c');
});

test('a job has a statistics round, its training rounds and an evaluation', () => {
  assert.deepEqual(
    [0, 1, 10, 11].map((round) => roundKind(round, 10)),
    ['statistics', 'training', 'training', 'evaluation'],
  );
  assert.throws(() => roundKind(12, 10), RangeError);
});
