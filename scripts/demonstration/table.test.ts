import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutcome } from './outcome.fixture.ts';
import type { RoundOutcome } from './outcome.ts';
import { toText } from './table.ts';

const outcome = createOutcome();

test('a run in which everybody was always there says so', () => {
  assert.match(toText(outcome), /All 3 sites are in each of the 12 rounds, at the first attempt/);
});

test('rounds that went on without a site name it, with the reason', () => {
  const late: RoundOutcome = {
    ...outcome.rounds[4]!,
    contributors: ['hospital-a', 'hospital-b'],
    leftOut: [{ site: 'hospital-c', what: 'late' }],
  };
  const failed: RoundOutcome = {
    ...outcome.rounds[5]!,
    state: 'failed',
    contributors: [],
    leftOut: [{ site: 'hospital-b', what: 'no commitment' }],
    failure: 'TOO_FEW_CONTRIBUTORS',
  };
  const rounds = outcome.rounds.with(4, late).with(5, failed);
  const text = toText({ ...outcome, rounds });
  assert.match(text, /10 of 12 attempts published with all 3 sites; the others:/);
  assert.match(text, /round 4, attempt 1: 2 sites in, without hospital-c \(late\)/);
  assert.match(text, /round 5, attempt 1: TOO_FEW_CONTRIBUTORS, without hospital-b \(no commitment\)/);
});
