import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainDigest, parseUtf8, toHex, utf8, type Bytes, type Digest } from '@blindsum/proto';
import type { LogRecord, Predicate } from '@blindsum/proto/tlog';
import { keepProof, LOG_KEY, POLICY } from './kept-proof.fixture.ts';
import { toProofText } from './proof-text.ts';
import {
  createRecordSigner,
  hashOf,
  modelFileAfter,
  RECORD_SIGNER,
  release,
  sampleRecords,
} from './sample-log.fixture.ts';
import { verifyProof, type ProofReport } from './verify-proof.ts';

const MODEL = utf8('weights');
const RECORDS = withModel(sampleRecords());
const ROUND = 4;
const recordKey = RECORD_SIGNER.publicKeySpki;
const TRUST = { logKeys: [LOG_KEY], recordKey };

/** The first round gives the model of this test. */
function withModel(records: readonly LogRecord[]): LogRecord[] {
  const modelHash = toHex(domainDigest('blindsum/v1/model', MODEL)) as Digest;
  return records.map((record, i) =>
    i === 4
      ? { kind: 'round', predicate: { ...(record.predicate as Predicate<'round'>), modelHash } }
      : record,
  );
}

const failedIn = ({ checks }: ProofReport) =>
  checks.filter(({ status }) => status === 'failed').map(({ name }) => name);
const messagesOf = ({ checks }: ProofReport) =>
  checks.flatMap(({ findings }) => findings.map(({ message }) => message)).join('\n');

test('a bundle, and a .tlog-proof with its record, prove the same', () => {
  const { bundle, tlogProof, record } = keepProof(RECORDS, ROUND);
  for (const files of [{ proof: bundle }, { proof: tlogProof, record }]) {
    const report = verifyProof(files, TRUST);
    assert.deepEqual(messagesOf(report), '');
    const { ok, origin, size, entry, isKeyFromBundle } = report;
    assert.deepEqual([ok, origin, size, entry, isKeyFromBundle], [true, 'log.example.org', 7, 4, false]);
    assert.match(
      toProofText(report),
      /^VERIFIED: round 0 of job breast-cancer: entry 4 of the log log\.example\.org, of 7 entries\.\n/,
    );
  }
});

test('without the key of the records the one in the bundle is taken, and the report says so', () => {
  const report = verifyProof({ proof: keepProof(RECORDS, ROUND).bundle }, { logKeys: [LOG_KEY] });
  assert.deepEqual([report.ok, report.isKeyFromBundle], [true, true]);
  assert.match(toProofText(report), /\n {2}compare it with the key in the charter/);
});

test('the model that the record names is known from another, of a round and of a release', () => {
  const { bundle } = keepProof(RECORDS, ROUND);
  const report = verifyProof({ proof: bundle }, TRUST, MODEL);
  assert.match(toProofText(report), /^VERIFIED: .* The model file is the one that it names\.\n/);
  const other = verifyProof({ proof: bundle }, TRUST, utf8('other weights'));
  assert.deepEqual([other.ok, failedIn(other)], [false, ['model']]);
  const released = keepProof([...RECORDS, release(0)], 7);
  const file = verifyProof({ proof: released.bundle }, TRUST, utf8(modelFileAfter(0)));
  assert.deepEqual(
    file.record?.said.kind === 'release' && file.record.said.predicate.fileDigest,
    hashOf(modelFileAfter(0)),
  );
  assert.equal(file.ok, true);
  const none = verifyProof({ proof: keepProof(RECORDS, 0).bundle }, TRUST, MODEL);
  assert.match(messagesOf(none), /^a charter record names no model$/);
});

test('the witnesses of a policy must have seen the tree', () => {
  const trust = { ...TRUST, policy: POLICY };
  const seen = verifyProof({ proof: keepProof(RECORDS, ROUND, ['one', 'two']).bundle }, trust);
  assert.deepEqual(seen.witnesses, [
    { name: 'one', timeSeconds: 1_700_000_000 },
    { name: 'two', timeSeconds: 1_700_000_000 },
  ]);
  assert.match(toProofText(seen), /witness one saw it at 2023-11-14T22:13:20\.000Z, by its own clock/);
  const alone = verifyProof({ proof: keepProof(RECORDS, ROUND, ['one']).bundle }, trust);
  assert.deepEqual(failedIn(alone), ['witnesses']);
});

test('attack: a cosignature by a witness that nobody knows counts for nothing', () => {
  const trust = { ...TRUST, policy: POLICY };
  const report = verifyProof({ proof: keepProof(RECORDS, ROUND, ['one', 'three']).bundle }, trust);
  assert.deepEqual(failedIn(report), ['witnesses']);
  assert.match(messagesOf(report), /the policy asks for both; cosigned by one$/);
});

test('another log, another signer and another record are told apart', () => {
  const { bundle, tlogProof } = keepProof(RECORDS, ROUND);
  const stranger = createRecordSigner().publicKeySpki;
  const signer = verifyProof({ proof: bundle }, { ...TRUST, recordKey: stranger });
  assert.match(messagesOf(signer), /^the bundle is signed by another key$/);
  const log = verifyProof({ proof: bundle }, { ...TRUST, logKeys: [] });
  assert.deepEqual(failedIn(log), ['log']);
  const other = keepProof(RECORDS, 3).record;
  assert.deepEqual(failedIn(verifyProof({ proof: tlogProof, record: other }, TRUST)), ['log']);
  const key = verifyProof(
    { proof: tlogProof, record: keepProof(RECORDS, ROUND).record },
    { ...TRUST, recordKey: stranger },
  );
  assert.deepEqual(failedIn(key), ['signature', 'log']);
});

test('a record that another key signed is not that of the federation, whatever its bundle says', () => {
  const { bundle } = keepProof(RECORDS, ROUND, [], createRecordSigner());
  const report = verifyProof({ proof: bundle }, TRUST);
  assert.deepEqual(failedIn(report), ['signature']);
  assert.match(messagesOf(report), /^the entry of the log is signed by another key$/);
});

test('no byte of a bundle or a .tlog-proof can be changed unnoticed', () => {
  const { bundle, tlogProof, record } = keepProof(RECORDS, ROUND, ['one', 'two']);
  const trust = { ...TRUST, policy: POLICY };
  const flip = (bytes: Bytes, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
  for (let at = 1; at < bundle.length; at += 97)
    assert.equal(verifyProof({ proof: flip(bundle, at) }, trust).ok, false, `bundle at ${at}`);
  for (let at = 1; at < tlogProof.length; at += 31)
    assert.equal(verifyProof({ proof: flip(tlogProof, at), record }, trust).ok, false, `proof at ${at}`);
});

test('a .tlog-proof without its record, or without the key of the records, is wrong usage', () => {
  const { tlogProof, record } = keepProof(RECORDS, ROUND);
  assert.throws(() => verifyProof({ proof: tlogProof }, TRUST), { code: 'CONFIG_INVALID' });
  assert.throws(() => verifyProof({ proof: tlogProof, record }, { logKeys: [LOG_KEY] }), {
    code: 'CONFIG_INVALID',
  });
  assert.equal(parseUtf8(tlogProof, 'proof').startsWith('c2sp.org/tlog-proof@v1\n'), true);
});
