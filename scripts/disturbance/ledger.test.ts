import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import type { CoordinatorState, JournalState } from './dead-state.ts';
import { Ledger, type TimedEvent } from './ledger.ts';

const HERE = { job: 'test-job' as JobId, round: 1, attempt: 1, kind: 'training' } as const;
const MIB = 1 << 20;

function stateWith(changes: Partial<CoordinatorState>): CoordinatorState {
  const round = { round: 1, attempt: 1, phase: 'collecting', failure: undefined, members: [], owed: [] };
  return {
    jobState: 'running',
    manifest: undefined as never,
    rounds: [round],
    messages: [],
    blobs: new Map(),
    ...changes,
  };
}

function commitment(site: string): CoordinatorState['messages'][number] {
  return { round: 1, attempt: 1, type: 'commitment', site, subject: site };
}

function journalWith(commitments: JournalState['commitments']): JournalState {
  return { commitments, acknowledged: new Set(), opened: new Set(), outcomes: [] };
}

test('a message that was accepted and is not stored is lost', () => {
  const ledger = new Ledger();
  ledger.event('a', { ...HERE, event: 'committed', ms: 1, atMs: 5 });
  assert.deepEqual(ledger.missingIn(stateWith({})), ['1-1: commitment of a']);
  assert.deepEqual(ledger.missingIn(stateWith({ messages: [commitment('a')] })), []);
});

test('an upload that has become shorter is lost, unless its round is over', () => {
  const ledger = new Ledger();
  ledger.sizes(new Map([['1-1/a.ciphertext', 2 * MIB]]));
  ledger.sizes(new Map([['1-1/a.ciphertext', MIB]]));
  const shorter = stateWith({ blobs: new Map([['1-1/a.ciphertext', MIB]]) });
  assert.deepEqual(ledger.missingIn(shorter), [`1-1/a.ciphertext: ${MIB} of ${2 * MIB} bytes`]);
  const over = { ...shorter.rounds[0]!, phase: 'published' };
  assert.deepEqual(ledger.missingIn(stateWith({ rounds: [over] })), []);
});

test('an upload that begins before what was there at a death sends bytes again', () => {
  const ledger = new Ledger();
  const begins = (atMs: number, offset: number): TimedEvent => ({
    ...HERE,
    ...{ event: 'uploading', upload: 'ciphertext', offset, atMs },
  });
  ledger.event('a', begins(1, 0));
  ledger.sizesAtDeath(new Map([['1-1/a.ciphertext', 2 * MIB]]), 10);
  ledger.event('a', begins(20, 2 * MIB));
  assert.equal(ledger.resentBytes, 0);
  ledger.event('a', begins(30, MIB));
  assert.equal(ledger.resentBytes, MIB);
});

test('a training that begins after its update was on disk is a repetition', () => {
  const ledger = new Ledger();
  const trains = (atMs: number, epoch: number): TimedEvent => ({
    ...HERE,
    ...{ event: 'train', epoch, epochs: 2, loss: 1, atMs },
  });
  ledger.event('a', trains(1, 1));
  // Killed in the middle: nothing is on disk, and it has to begin again.
  ledger.journal('a', journalWith([]), 2);
  ledger.event('a', trains(3, 1));
  ledger.event('a', trains(4, 2));
  assert.equal(ledger.trainingsRepeated, 0);
  ledger.journal('a', journalWith([{ round: 1, attempt: 1, isAccepted: false }]), 5);
  ledger.event('a', trains(6, 1));
  ledger.event('a', trains(7, 2));
  assert.equal(ledger.trainingsRepeated, 1);
});
