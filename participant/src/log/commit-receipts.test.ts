// From a promise to a receipt that proves, offline, what became of a commitment.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  commitmentCodec,
  memberPseudonym,
  messageLeaf,
  signMessage,
  utf8,
  type Digest,
  type JobId,
  type RefusalCode,
} from '@blindsum/proto';
import { encodeSignatureLines, encodeVkey, memberWitnessKey, parseTlogPolicy } from '@blindsum/proto/tlog';
import { encodeTlogPolicy, parseNote, signCosignature } from '@blindsum/proto/tlog';
import { createTestFederation } from '../../../test/fixtures/federation.ts';
import { ShownLog } from '../../../test/fixtures/shown-log.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import type { CommitFate } from '../session/commit-receipt.ts';
import { toMemberPolicy } from '../session/member-policy.ts';
import { CommitReceipts } from './commit-receipts.ts';
import { LogKeeper } from './log-keeper.ts';
import { ReceiptFiles } from './receipt-files.ts';
import { verifyReceipt } from './verify-receipt.ts';

const FEDERATION = 'test.example';
const { roster, sites } = createTestFederation();
const own = sites[0]!;
const digest = (digit: string) => digit.repeat(64) as Digest;
const id = { job: 'a-job' as JobId, round: 1, attempt: 1 };
const context = digest('a');
const commitment = signMessage(
  commitmentCodec,
  { context, site: own.site, chunks: 1, ciphertextRoot: digest('b'), shareRoot: digest('c') },
  own.sign,
  roster,
);
const directory = await mkdtemp(join(tmpdir(), 'blindsum-receipts-'));
after(() => rm(directory, { recursive: true }));

const incident = {
  kind: 'incident',
  predicate: { ...id, context, rosterHash: digest('d'), reason: 'TOO_FEW_UPDATES', excluded: [] },
} as const;

async function createSite() {
  const log = new ShownLog(FEDERATION);
  const journal = new MemoryJournal();
  const folder = await mkdtemp(join(directory, 'site-'));
  const time = { nowMs: 1_800_000_000_000 };
  const clock = { nowMs: () => time.nowMs };
  const keeper = new LogKeeper({
    federation: FEDERATION,
    source: log.source(),
    journal: journal.log,
    clock,
    folder,
  });
  const fates: CommitFate[] = [];
  const files = new ReceiptFiles(folder);
  const receipts = new CommitReceipts({
    ...{ federation: FEDERATION, keeper, journal, files, members: () => roster, clock },
    report: (_, fate) => fates.push(fate),
  });
  journal.recordCommitment(id, { message: commitment, files: { ciphertext: 'c', shares: 's' } });
  const promise = log.signPromise({
    ...{ federation: FEDERATION, ...id, site: memberPseudonym(own.member) },
    ...{ commitment: messageLeaf(commitment), atMs: 5 },
  });
  await keeper.keepPromise(promise, { federation: FEDERATION, id, commitment });
  const verify = (policy?: Uint8Array) =>
    verifyReceipt(
      { federation: FEDERATION, id, commitment, promise, found: files.find(id) },
      { log: journal.log.known()!, members: roster, policy: policy && parseTlogPolicy(policy) },
    );
  return { log, journal, time, keeper, receipts, fates, files, promise, verify };
}

test('a promise that the log did not make is not kept', async () => {
  const { keeper, journal, log } = await createSite();
  const other = { ...id, round: 2 };
  const wrong = log.signPromise({
    ...{ federation: FEDERATION, ...id, site: memberPseudonym(own.member) },
    ...{ commitment: messageLeaf(commitment), atMs: 5 },
  });
  await assert.rejects(keeper.keepPromise(wrong, { federation: FEDERATION, id: other, commitment }), {
    code: 'WRONG_CONTEXT',
  });
  const forged = { ...wrong, signature: own.sign(wrong.payload) };
  await assert.rejects(keeper.keepPromise(forged, { federation: FEDERATION, id, commitment }), {
    code: 'BAD_SIGNATURE',
  });
  assert.equal(journal.log.promises().length, 1);
});

test('a receipt is pending until the record comes, kept then, and complete once the members have cosigned', async () => {
  const { log, journal, time, receipts, fates, verify } = await createSite();
  await receipts.collect();
  assert.deepEqual(verify(), { kind: 'pending' });
  log.append(incident);
  await receipts.collect();
  assert.deepEqual(fates, [], 'asked again only after a while');
  time.nowMs += 60_000;
  await receipts.collect();
  const fate = { kind: 'attempt-failed', reason: 'TOO_FEW_UPDATES' };
  assert.deepEqual(fates, [fate]);
  assert.deepEqual(verify(), { ...fate, index: 1n, size: 2n, cosigned: 0 });
  assert.equal(journal.log.promises()[0]?.isSettled, false);
  const { text } = parseNote(log.note());
  for (const { member, sign } of sites) {
    const line = signCosignature(
      { text, timeSeconds: 1_800_000_000n },
      memberWitnessKey(FEDERATION, member),
      sign,
    );
    log.cosignatures += encodeSignatureLines([line]);
  }
  await receipts.collect('now');
  assert.equal(journal.log.promises()[0]?.isSettled, true);
  assert.deepEqual(verify(), { ...fate, index: 1n, size: 2n, cosigned: 3 });
  assert.deepEqual(fates, [fate], 'told once');
});

test('a policy that asks for cosignatures is not satisfied by a bare checkpoint', async () => {
  const { log, receipts, verify } = await createSite();
  log.append(incident);
  await receipts.collect();
  const policy = utf8(encodeTlogPolicy(toMemberPolicy(log.key, roster, 'quorum')));
  assert.throws(() => verify(policy), { code: 'TOO_FEW_COSIGNATURES' });
  assert.equal(verify(utf8(`log ${encodeVkey(log.key)}\nquorum none\n`)).kind, 'attempt-failed');
});

test('files that were changed prove nothing', async () => {
  const { log, journal, receipts, files, promise } = await createSite();
  log.append(incident);
  log.appendOther();
  await receipts.collect();
  const found = files.find(id)!;
  const refused = (code: RefusalCode, changes: Partial<typeof found>) =>
    assert.throws(
      () =>
        verifyReceipt(
          { federation: FEDERATION, id, commitment, promise, found: { ...found, ...changes } },
          { log: journal.log.known()!, members: roster, policy: undefined },
        ),
      { name: 'Refusal', code },
    );
  const proof = Buffer.from(found.proof).toString();
  refused('BAD_PROOF', { proof: utf8(proof.replace('index 1\n', 'index 0\n')) });
  refused('BAD_SIGNATURE', { proof: utf8(proof.replace('\n3\n', '\n4\n')) });
  refused('MALFORMED', { proof: found.proof.slice(1) });
  refused('MALFORMED', { record: found.record.slice(1) });
});
