// What became of a commitment that the log made a promise about.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeBase64,
  messageLeaf,
  toHex,
  type CommitPromise,
  type Digest,
  type JobId,
  type Pseudonym,
  type SignedMessage,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import type { LogRecord } from '@blindsum/proto/tlog';
import { ShownLog } from '../../../test/fixtures/shown-log.ts';
import { fateOf, verifyPromise, whyOf } from './commit-receipt.ts';

const log = new ShownLog('fed.example');
const site = 'ab'.repeat(32) as Pseudonym;
const commitment: SignedMessage = {
  payload: new Uint8Array(20).fill(1),
  signature: new Uint8Array(64).fill(2),
};
const id = { job: 'a-job' as JobId, round: 3, attempt: 2 };
const promised: CommitPromise = {
  ...{ federation: 'fed.example', ...id, site, commitment: messageLeaf(commitment), atMs: 5 },
};
const about = { federation: 'fed.example', id, commitment };
const own = {
  member: site,
  payload: encodeBase64(commitment.payload),
  signature: toHex(commitment.signature),
};
const others = { ...own, member: 'cd'.repeat(32) as Digest };
/** Only what is looked at. */
const roundRecord = (changes: object): LogRecord =>
  ({
    kind: 'round',
    predicate: { ...id, commitments: [others], excluded: [], ...changes },
  }) as unknown as LogRecord;
const fate = (record: LogRecord) => fateOf(record, promised, commitment);

test('a promise counts when the log signed it about exactly this commitment', () => {
  const sign = (changes: Partial<CommitPromise> = {}) => log.signPromise({ ...promised, ...changes });
  assert.deepEqual(verifyPromise(sign(), about, log, verifyEd25519), promised);
  const foreign = { key: { ...log.key, publicKey: new Uint8Array(32).fill(3) } };
  assert.throws(() => verifyPromise(sign(), about, foreign, verifyEd25519), { code: 'BAD_SIGNATURE' });
  for (const changes of [
    { federation: 'other.example' },
    { job: 'b-job' as JobId },
    { round: 4 },
    { attempt: 1 },
    { commitment: 'ef'.repeat(32) as Digest },
  ])
    assert.throws(() => verifyPromise(sign(changes), about, log, verifyEd25519), { code: 'WRONG_CONTEXT' });
});

test('a commitment in the record, byte for byte, is included', () => {
  assert.deepEqual(fate(roundRecord({ commitments: [others, own] })), { kind: 'included' });
});

test('another commitment in the name of the site breaks the promise', () => {
  for (const change of [{ payload: others.payload.replace('A', 'B') }, { signature: 'ff'.repeat(64) }]) {
    const { kind } = fate(roundRecord({ commitments: [{ ...own, ...change }] }));
    assert.equal(kind, 'broken');
  }
});

test('a commitment is left out for a reason, which is not that it did not come', () => {
  const excluded = (reason: string) => fate(roundRecord({ excluded: [{ member: site, reason }] }));
  assert.deepEqual(excluded('bad-share'), { kind: 'left-out', reason: 'bad-share' });
  assert.equal(whyOf(excluded('bad-share')), 'bad-share');
  for (const reason of ['late', 'late-before', 'no-consent', 'withdrawn'])
    assert.equal(excluded(reason).kind, 'broken', reason);
});

test('a commitment that the record does not name was dropped', () => {
  const dropped = fate(roundRecord({}));
  assert.equal(dropped.kind, 'broken');
  assert.match(whyOf(dropped), /neither/);
});

test('an attempt that failed says why, and the end of another attempt says nothing about this one', () => {
  const incident = (attempt: number) =>
    ({ kind: 'incident', predicate: { ...id, attempt, reason: 'TOO_FEW_UPDATES' } }) as unknown as LogRecord;
  assert.deepEqual(fate(incident(2)), { kind: 'attempt-failed', reason: 'TOO_FEW_UPDATES' });
  assert.equal(fate(incident(1)).kind, 'broken');
  assert.equal(fate(roundRecord({ attempt: 3, commitments: [own] })).kind, 'broken');
});

test('a record of anything else is no answer', () => {
  for (const record of [
    roundRecord({ round: 4 }),
    roundRecord({ job: 'b-job' }),
    { kind: 'charter', predicate: {} } as unknown as LogRecord,
  ])
    assert.throws(() => fate(record), { code: 'NOT_LOGGED' });
});
