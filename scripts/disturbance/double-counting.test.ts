import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoordinatorState, JournalState, RoundRow } from './dead-state.ts';
import { findDisagreements, findMiscounts } from './double-counting.ts';

const ROWS = [
  { site: 'a', training: 10, holdout: 1 },
  { site: 'b', training: 20, holdout: 2 },
  { site: 'c', training: 40, holdout: 4 },
];

function stateOf(members: readonly string[], committed = members): CoordinatorState {
  const row: RoundRow = { round: 1, attempt: 1, phase: 'published', failure: undefined, members, owed: [] };
  const messages = committed.map((site) => ({
    round: 1,
    attempt: 1,
    type: 'commitment',
    site,
    subject: site,
  }));
  return { jobState: 'running', manifest: undefined as never, rounds: [row], messages, blobs: new Map() };
}

function journalOf(metrics: Record<string, number>, modelHash = 'ab'): JournalState {
  const outcomes = [{ round: 1, modelHash, metrics }];
  return { commitments: [], acknowledged: new Set(), opened: new Set(), outcomes };
}

test('a sum of everybody in the set counts their rows, and nobody else', () => {
  const whole = {
    state: stateOf(['a', 'b', 'c']),
    journals: [journalOf({ examples: 70, evaluated: 7 })],
    rows: ROWS,
  };
  assert.deepEqual(findMiscounts(whole), { doubled: [], lost: [] });
  const two = { ...whole, state: stateOf(['a', 'c']), journals: [journalOf({ examples: 50, evaluated: 5 })] };
  assert.deepEqual(findMiscounts(two), { doubled: [], lost: [] });
});

test('a site that counts twice in a sum shows, and one that is missing in it', () => {
  const state = stateOf(['a', 'b', 'c']);
  const twice = findMiscounts({ state, journals: [journalOf({ examples: 90 })], rows: ROWS });
  assert.deepEqual(twice, { doubled: ['round 1: the sum counts 90 examples of 70'], lost: [] });
  const missing = findMiscounts({ state, journals: [journalOf({ evaluated: 3 })], rows: ROWS });
  assert.deepEqual(missing, { doubled: [], lost: ['round 1: the sum counts 3 evaluated of 7'] });
});

test('a contributor with two commitments shows, and one with none', () => {
  const journals = [journalOf({ examples: 70 })];
  const twice = findMiscounts({
    state: stateOf(['a', 'b', 'c'], ['a', 'b', 'b', 'c']),
    journals,
    rows: ROWS,
  });
  assert.deepEqual(twice.doubled, ['round 1: b is in the set 1 times, with 2 commitments']);
  const none = findMiscounts({ state: stateOf(['a', 'b', 'c'], ['a', 'c']), journals, rows: ROWS });
  assert.deepEqual(none.lost, ['round 1: b is in the set 1 times, with 0 commitments']);
});

test('a round that was published in two attempts shows', () => {
  const state = stateOf(['a', 'b', 'c']);
  const again = { ...state.rounds[0]!, attempt: 2 };
  const twice = { ...state, rounds: [...state.rounds, again] };
  const { doubled } = findMiscounts({ state: twice, journals: [journalOf({ examples: 70 })], rows: ROWS });
  assert.equal(doubled[0], 'round 1 was published 2 times');
});

test('sites that computed different results of a round disagree, in whatever order they write metrics', () => {
  const [one, same] = [journalOf({ examples: 1, evaluated: 2 }), journalOf({ evaluated: 2, examples: 1 })];
  assert.deepEqual(findDisagreements([one, same]), []);
  assert.deepEqual(findDisagreements([one, journalOf({ examples: 1, evaluated: 2 }, 'cd')]), [1]);
  assert.deepEqual(findDisagreements([one, journalOf({ examples: 1, evaluated: 3 })]), [1]);
});
