import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import { phaseChange } from './phase-times.ts';
import type { StoredRound } from './ports.ts';
import type { Round } from './round/round.ts';
import * as sample from './round/sample-rounds.fixture.ts';

const ID = { job: 'job' as JobId, round: 1, attempt: 1 };

function stored(round: Round, version = 1): StoredRound {
  return { id: ID, version, round, owed: [], startedMs: 0 };
}

test('a phase that ends is timed by what is stored, whichever process saw it begin', () => {
  const collecting = sample.play([sample.commit(sample.A), sample.commit(sample.B), sample.commit(sample.C)]);
  const sealed = sample.apply(collecting, sample.deadline('collecting'));
  const change = phaseChange(stored(collecting), stored(sealed, 2));
  assert.deepEqual(change?.left, { phase: 'collecting', milliseconds: 100 });
});

test('the phases of a round that has ended tell its whole course', () => {
  const names = (round: Round) => round.phases.map(({ phase }) => phase);
  assert.deepEqual(names(sample.PUBLISHED), ['collecting', 'sealed', 'summed', 'opening', 'published']);
  assert.deepEqual(names(sample.FAILED), ['collecting', 'failed']);
});

test('nothing is reported while the phase is the same, nor when an attempt is created again', () => {
  const [one, two] = [sample.collectingFrom([sample.A]), sample.collectingFrom([sample.A, sample.B])];
  assert.equal(phaseChange(stored(one), stored(two, 2)), undefined);
  assert.deepEqual(phaseChange(undefined, stored(one)), { stored: stored(one), left: undefined });
  assert.equal(phaseChange(undefined, stored(sample.SEALED, 7)), undefined);
});
