// What every LogJournal promises; part of journal-contract.ts.
import assert from 'node:assert/strict';
import type { JobId } from '@blindsum/proto';
import { createNoteKey, type NoteKey } from '@blindsum/proto/tlog';
import type { KeptHead, KnownLog } from '../session/known-log.ts';
import type { AttemptId, Journal } from './journal.ts';
import type { LogAlarm } from './log-journal.ts';

const logOf = (byte: number): KnownLog => ({
  key: createNoteKey('log.example.org', new Uint8Array(32).fill(byte)),
  recordKey: new Uint8Array(91).fill(byte),
});
const headOf = (size: bigint, byte = 1): KeptHead => ({
  size,
  root: new Uint8Array(32).fill(byte),
  note: `checkpoint of ${size}\n`,
});
const asPlain = ({ key, recordKey }: KnownLog) => ({ key: plainKey(key), recordKey: [...recordKey] });
const plainKey = ({ name, publicKey }: NoteKey) => ({ name, publicKey: [...publicKey] });
const plainHead = ({ size, root, note }: KeptHead) => ({ size, root: [...root], note });
const ID: AttemptId = { job: 'a-job' as JobId, round: 3, attempt: 1 };
const alarm = (detail: string): LogAlarm => ({
  ...{ code: 'LOG_FORKED', detail, atMs: 1_800_000_000_000, evidence: 'log-evidence.txt' },
});
const message = (byte: number) => ({
  payload: new Uint8Array(9).fill(byte),
  signature: new Uint8Array(64).fill(byte),
});
const ANSWER = { decidedBy: 'dr-who', reason: 'the operator restored a backup', atMs: 1_800_000_001_000 };

export const LOG_PROMISES: Readonly<Record<string, (journal: Journal) => void>> = {
  'pins the first log that it adopts': ({ log }) => {
    assert.equal(log.known(), undefined);
    assert.equal(log.head(), undefined);
    log.adopt(logOf(1), headOf(5n));
    log.adopt(logOf(2), headOf(9n, 2));
    assert.deepEqual(asPlain(log.known()!), asPlain(logOf(1)));
    assert.deepEqual(plainHead(log.head()!), plainHead(headOf(5n)));
  },
  'keeps a checkpoint only in the place of the one that was followed from': ({ log }) => {
    assert.equal(log.advance(headOf(5n), headOf(6n)), false);
    log.adopt(logOf(1), headOf(5n));
    for (const other of [headOf(4n), headOf(5n, 2)]) assert.equal(log.advance(other, headOf(6n)), false);
    const large = headOf(2n ** 63n + 1n, 3);
    assert.equal(log.advance(headOf(5n), large), true);
    assert.equal(log.advance(headOf(5n), headOf(7n)), false);
    assert.deepEqual(plainHead(log.head()!), plainHead(large));
  },
  'keeps the first alarm until a person answers it, and forgets the log then': ({ log }) => {
    log.adopt(logOf(1), headOf(5n));
    assert.throws(() => log.reset(ANSWER), { code: 'NOT_FOUND' });
    assert.equal(log.alarm(), undefined);
    log.raise(alarm('first'));
    log.raise(alarm('second'));
    assert.deepEqual(log.alarm(), alarm('first'));
    log.reset(ANSWER);
    assert.equal(log.alarm(), undefined);
    assert.equal(log.known(), undefined);
    log.adopt(logOf(2), headOf(2n));
    assert.deepEqual(asPlain(log.known()!), asPlain(logOf(2)));
    log.raise(alarm('third'));
    assert.deepEqual(log.alarm(), alarm('third'));
  },
  'keeps the first promise of an attempt until it is settled, and after': ({ log }) => {
    const next = { ...ID, attempt: 2 };
    assert.throws(() => log.settle(ID), /no promise/);
    log.recordPromise(ID, message(1));
    log.recordPromise(next, message(2));
    log.recordPromise(ID, message(3));
    log.settle(next);
    log.settle(next);
    assert.deepEqual(log.promises(), [
      { id: ID, message: message(1), isSettled: false },
      { id: next, message: message(2), isSettled: true },
    ]);
  },
};
