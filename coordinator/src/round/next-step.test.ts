import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barredAfter, nextStep } from './next-step.ts';
import type { Failed, Published } from './round.ts';
import { A, B, C, D, digestOf, E, FAILED, PUBLISHED, SITES } from './sample-rounds.fixture.ts';

const PLACE = { round: 3, attempt: 1, rounds: 10, attempts: 3 };
const modelHash = digestOf(701);

test('a published round is followed by the next one, from the model it published', () => {
  const next = { kind: 'round', attempt: 1, baseModelHash: modelHash };
  assert.deepEqual(nextStep(published(), { ...PLACE, attempt: 2 }), { ...next, round: 4 });
  assert.deepEqual(nextStep(published(), { ...PLACE, round: 10 }), { ...next, round: 11 });
});

test('the job finishes after the evaluation round, R+1', () => {
  assert.deepEqual(nextStep(published(), { ...PLACE, round: 11 }), { kind: 'finish', modelHash });
});

test('a round that failed before anything was opened is attempted again from the same model', () => {
  const next = { kind: 'round', round: 3, attempt: 2, baseModelHash: digestOf(2) };
  assert.deepEqual(nextStep(failed(false), PLACE), next);
});

test('a round of which shares may have been opened is never attempted again', () => {
  const step = nextStep(failed(true), PLACE);
  assert.equal(step.kind, 'stop');
  assert.match(step.reason, /^round 3: TOO_FEW_CONTRIBUTORS: .*may have been opened/);
});

test('a job stops after its last attempt', () => {
  const step = nextStep(failed(false), { ...PLACE, attempt: 3 });
  assert.equal(step.kind, 'stop');
  assert.match(step.reason, /attempt 3 of 3$/);
});

test('a job that takes nobody back refuses whoever was not in the set before, and only then', () => {
  const refused = { lateSites: 'refused' } as const;
  assert.deepEqual(barredAfter(published(), SITES, { lateSites: 'next-round' }), []);
  assert.deepEqual(barredAfter(published(), SITES, refused), [D, E]);
  assert.deepEqual(barredAfter(failed(false), SITES, refused), []);
  const again = failed(false);
  const repeated: Failed = { ...again, rules: { ...again.rules, barred: [D] } };
  assert.deepEqual(barredAfter(repeated, [A, B, C, D], refused), [D]);
});

function published(): Published {
  return PUBLISHED as Published;
}

function failed(mayHaveOpened: boolean): Failed {
  return { ...(FAILED as Failed), mayHaveOpened };
}
