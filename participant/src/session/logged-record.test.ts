// What a site takes for proof that a set was sealed in public.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, JobId, RefusalCode, SiteId } from '@blindsum/proto';
import { checkSignature } from '@blindsum/proto/node';
import { createTestFederation } from '../../../test/fixtures/federation.ts';
import { pseudonymsOf, ShownLog } from '../../../test/fixtures/shown-log.ts';
import type { KeptHead, ShownRecord } from './known-log.ts';
import { verifyHead } from './log-head.ts';
import { verifyLogged, verifySealedRecord, type SetToOpen } from './logged-record.ts';

const { roster, sites } = createTestFederation(['hospital-a', 'hospital-b', 'hospital-c', 'hospital-d']);
const digest = (digit: string) => digit.repeat(64) as Digest;
const members = sites.slice(0, 3).map(({ site }) => site);
const terms = { roster, rosterHash: digest('a') };
const ref = { job: 'a-job' as JobId, round: 2, attempt: 1 };
const toOpen = {
  round: { ref, context: digest('b') },
  set: { context: digest('b'), setAttempt: 1, root: digest('c'), commitments: [], members },
} as unknown as SetToOpen;
const FIELDS = {
  ...ref,
  ...{ setAttempt: 1, context: digest('b'), rosterHash: digest('a'), setRoot: digest('c') },
  members: pseudonymsOf(roster, members),
};

/** The record with these changes as the third of a log, and a record after it. */
function logged(changes: object = {}): { log: ShownLog; head: KeptHead; shown: ShownRecord } {
  const log = new ShownLog('fed.example');
  log.appendOther();
  const index = log.appendSealed({ ...FIELDS, ...changes });
  log.appendOther();
  const head = verifyHead(log.head(0n), { key: log.key }, undefined, checkSignature);
  return { log, head, shown: log.shown(index) };
}

function verify(changes: object = {}, bend: (shown: ShownRecord) => ShownRecord = (shown) => shown): void {
  const { log, head, shown } = logged(changes);
  verifySealedRecord(verifyLogged(bend(shown), head, log, checkSignature), toOpen, terms);
}

test('the record of exactly this set shows that it was sealed', () => {
  verify();
});

test('a record that differs in any field is about another set', () => {
  const others: [string, object][] = [
    ['job', { job: 'b-job' }],
    ['round', { round: 3 }],
    ['attempt', { attempt: 2 }],
    ['set number', { setAttempt: 2 }],
    ['context', { context: digest('d') }],
    ['roster', { rosterHash: digest('d') }],
    ['set root', { setRoot: digest('d') }],
    ['fewer members', { members: FIELDS.members.slice(1) }],
    [
      'more members',
      {
        members: pseudonymsOf(
          roster,
          sites.map(({ site }) => site),
        ),
      },
    ],
    [
      'other members',
      {
        members: pseudonymsOf(
          roster,
          sites.slice(1).map(({ site }): SiteId => site),
        ),
      },
    ],
    ['members in another order', { members: FIELDS.members.toReversed() }],
  ];
  for (const [what, changes] of others)
    assert.throws(() => verify(changes), { name: 'Refusal', code: 'NOT_LOGGED' }, what);
});

test('a record of another kind is not that of a sealed set', () => {
  const { log, head } = logged();
  const record = verifyLogged(log.shown(0), head, log, checkSignature);
  assert.throws(() => verifySealedRecord(record, toOpen, terms), { code: 'NOT_LOGGED' });
});

test('a record is taken only with its own signature, at its own place, with its own proof', () => {
  const { log, head, shown } = logged();
  const refused = (code: RefusalCode, changes: Partial<ShownRecord>) =>
    assert.throws(() => verifyLogged({ ...shown, ...changes }, head, log, checkSignature), { code });
  for (const index of [0n, 1n, 3n, 4n, 2n ** 63n]) refused('BAD_PROOF', { index });
  refused('BAD_PROOF', { proof: [] });
  refused('BAD_PROOF', { proof: log.shown(1).proof });
  refused('BAD_PROOF', { proof: shown.proof.map((hash) => hash.with(31, hash[31]! ^ 1)) });
  refused('BAD_SIGNATURE', { signature: log.shown(1).signature });
  refused('BAD_SIGNATURE', { payload: log.shown(1).payload });
  refused('MALFORMED', { signature: new Uint8Array(73) });
  // The same record signed once more is another entry.
  const again = logged();
  refused('BAD_PROOF', { signature: again.shown.signature });
});

test('a record under another key than the one that is pinned is refused', () => {
  const { head, shown } = logged();
  const recordKey = new Uint8Array(91);
  assert.throws(() => verifyLogged(shown, head, { recordKey }, checkSignature), { name: 'Refusal' });
});
