// Every check of the page, with what it is about in order, and changed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBase64, utf8, type Bytes, type Digest } from '@blindsum/proto';
import { encodeBundle, type SigstoreBundle } from '@blindsum/proto/provenance';
import {
  createNoteKey,
  encodeRecord,
  encodeVkey,
  type LogRecord,
  type Predicate,
} from '@blindsum/proto/tlog';
import { createEd25519Signer } from '@blindsum/proto/node';
import { createSite, SITES, seedOf } from '../../auditor/src/sample-log.fixture.ts';
import { roleOf } from '../../page/src/evidence.ts';
import type { TrustTexts } from '../../page/src/trust.ts';
import { NEEDED } from '../../page/src/verification.ts';
import * as sample from './sample-files.ts';
import { dropFile, verifyFiles } from './verify-files.ts';

const TRUST: TrustTexts = { logKey: sample.VKEY, recordKey: sample.RECORD_KEY_PEM, policy: sample.POLICY };
const verify = (files: readonly Bytes[], texts: Partial<TrustTexts> = {}, model?: sample.SampleFile) =>
  verifyFiles(files, { ...TRUST, ...texts }, model);

const { bundle } = sample.round;
const { entry, envelope } = bundle;
const roster = sample.rosterRecord.bytes;
const flip = (bytes: Bytes) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
const withBundle = (change: Partial<SigstoreBundle>) => encodeBundle({ ...bundle, ...change });
const withEntry = (change: Partial<typeof entry>) => withBundle({ entry: { ...entry, ...change } });

test('a good round with its roster, model and policy passes every check', async () => {
  const report = await verify([sample.roundBundle.bytes, roster], {}, sample.model);
  assert.deepEqual([report.verdict, report.failed], ['verified', []]);
  assert.ok(report.checks.every(({ status }) => status === 'passed'));
  assert.match(report.of('members').detail, /^3 attestations by different members of 3; 2 are needed/);
  assert.match(report.of('witnesses').detail, /witness-a \(2026-11-18 at 11:06 UTC\), witness-b/);
});

test('a release with the roster and the file of its model passes every check', async () => {
  const report = await verify([sample.releaseBundle.bytes, roster], {}, sample.model);
  assert.ok(
    report.checks.every(({ status }) => status === 'passed'),
    JSON.stringify(report.checks),
  );
});

test('a record with its .tlog-proof is checked like a bundle', async () => {
  const { record, proof } = sample.round;
  const report = await verify([proof, record, roster], {}, sample.model);
  assert.ok(report.checks.every(({ status }) => status === 'passed'));
  await assert.rejects(verify([proof, record], { recordKey: sample.RECORD_KEY_HINT }), { code: 'MALFORMED' });
  const other = await verify([proof, sample.rosterRecord.bytes]);
  assert.deepEqual(other.failed, ['inclusion BAD_PROOF']);
});

test('without the key of the log nothing is verified, and each check says what it lacks', async () => {
  const report = await verify([sample.roundBundle.bytes], { logKey: '', recordKey: '', policy: '' });
  assert.equal(report.verdict, 'incomplete');
  const skipped = report.checks.filter(({ status }) => status === 'skipped').map(({ id }) => id);
  assert.deepEqual(skipped, ['record-key', 'checkpoint', 'witnesses', 'members', 'model']);
  assert.match(report.of('checkpoint').detail, /log\.example\.org/);
  const alone = await verify([sample.round.record]);
  assert.equal(alone.verdict, 'incomplete');
  for (const id of NEEDED) assert.equal(alone.of(id).status, 'skipped');
});

test('whatever is changed in a bundle, the check of it fails and says so', async () => {
  const { signature } = envelope;
  const older = sample.sampleEntry(sample.ROUND, { log: [sample.RELEASE, sample.ROUND] }).bundle.entry;
  const changed: [string, Bytes, string[]][] = [
    [
      'the record',
      withBundle({ envelope: { ...envelope, payload: renamed(envelope.payload) } }),
      ['record-signature BAD_SIGNATURE', 'entry BAD_RECORD'],
    ],
    [
      'its signature',
      withBundle({ envelope: { ...envelope, signature: flip(signature) } }),
      ['record-signature BAD_SIGNATURE', 'entry BAD_RECORD'],
    ],
    ['the entry', withEntry({ leaf: older.leaf }), ['entry BAD_RECORD', 'inclusion BAD_PROOF']],
    ['the proof', withEntry({ proof: entry.proof.map(flip) }), ['inclusion BAD_PROOF']],
    ['the place', withEntry({ index: entry.index - 1n }), ['inclusion BAD_PROOF']],
    ['the checkpoint', withEntry({ checkpoint: older.checkpoint }), ['inclusion BAD_PROOF']],
    ['the name of the log', withEntry({ logId: new Uint8Array(32) }), ['checkpoint BAD_CHECKPOINT']],
    ['the name of the key', withBundle({ keyHint: 'ab'.repeat(32) as Digest }), ['entry BAD_SIGNATURE']],
    [
      'the log’s signature',
      withEntry({ checkpoint: spoilt(entry.checkpoint, 'log.example.org') }),
      ['checkpoint BAD_SIGNATURE', 'witnesses BAD_SIGNATURE'],
    ],
    [
      'a cosignature',
      withEntry({ checkpoint: spoilt(entry.checkpoint, 'example.org/witness-b') }),
      ['witnesses BAD_SIGNATURE'],
    ],
  ];
  for (const [what, bytes, expected] of changed) {
    const report = await verify([bytes, roster], {}, sample.model);
    const failed = report.failed.filter((one) => !one.startsWith('members'));
    assert.deepEqual([report.verdict, failed], ['failed', expected], what);
  }
});

/** With another byte in the signature of `name`. */
function spoilt(checkpoint: string, name: string): string {
  return checkpoint.replace(
    new RegExp(`(— ${name} .{40})(.)`),
    (_, before: string, at: string) => `${before}${at === 'A' ? 'B' : 'A'}`,
  );
}

function renamed(payload: Bytes): Bytes {
  return utf8(
    Buffer.from(payload).toString().replace('"coordinatorVersion":"0.1.0"', '"coordinatorVersion":"0.1.1"'),
  );
}

test('keys of others are told apart from keys that are trusted', async () => {
  const other = createNoteKey('log.example.org', createEd25519Signer(seedOf('other')).publicKey);
  const named = createNoteKey('log.example.com', other.publicKey);
  const failedUnder = async (texts: Partial<TrustTexts>) =>
    (await verify([sample.roundBundle.bytes], texts)).failed;
  const policy = '';
  assert.deepEqual(await failedUnder({ policy, logKey: encodeVkey(other) }), ['checkpoint BAD_SIGNATURE']);
  assert.deepEqual(await failedUnder({ policy, logKey: encodeVkey(named) }), ['checkpoint BAD_CHECKPOINT']);
  assert.deepEqual(await failedUnder({ recordKey: 'ab'.repeat(32) }), ['record-key BAD_SIGNATURE']);
  assert.deepEqual(await failedUnder({ recordKey: sample.RECORD_KEY_HINT.toUpperCase() }), []);
  for (const texts of [{ logKey: 'x' }, { recordKey: 'AAAA' }, { policy: 'quorum nobody' }])
    await assert.rejects(verify([sample.roundBundle.bytes], texts), { code: 'MALFORMED' });
});

test('fewer witnesses than the policy asks for are too few', async () => {
  const few = sample.sampleEntry(sample.ROUND, { cosigners: 1 }).bundle;
  const report = await verify([encodeBundle(few)]);
  assert.deepEqual(report.failed, ['witnesses TOO_FEW_COSIGNATURES']);
});

test('another model than that of the record is told', async () => {
  for (const bytes of [sample.roundBundle.bytes, sample.releaseBundle.bytes])
    assert.deepEqual((await verify([bytes], {}, sample.otherModel)).failed, ['model MODEL_MISMATCH']);
});

test('a release of another file with the same model is told', async () => {
  const predicate = { ...sample.RELEASE.predicate, fileDigest: 'ab'.repeat(32) } as Predicate<'release'>;
  const record: LogRecord = { kind: 'release', predicate };
  const { bundle: other } = sample.sampleEntry(record, { log: [record] });
  const { failed, of } = await verify([encodeBundle(other)], {}, sample.model);
  assert.deepEqual(failed, ['model MODEL_MISMATCH']);
  assert.match(of('model').detail, /another file digest/);
});

test('members are known by their keys, whatever the record of the roster calls them', async () => {
  const [first, ...others] = SITES;
  const named = sample.rosterFile(SITES, [...others, first!]);
  const report = await verify([sample.roundBundle.bytes, named]);
  assert.deepEqual([report.of('members').status, report.failed], ['passed', []]);
});

type Round = Predicate<'round'>;
const ROUND = sample.ROUND.predicate as Round;

/** Of a log whose coordinator wrote such a round, under a roster of `members`. */
async function membersOf(change: Partial<Round>, members = SITES): Promise<string[]> {
  const record = { kind: 'round', predicate: { ...ROUND, ...change } } as LogRecord;
  const made = sample.sampleEntry(record, { log: [record] });
  const rosterOf = members === SITES ? roster : sample.rosterFile(members);
  return (await verify([encodeBundle(made.bundle), rosterOf])).failed;
}

test('what members did not sign is told, also where the coordinator signed and logged it', async () => {
  const [first, second, third] = ROUND.attestations as [Signed, Signed, Signed];
  const stranger = createSite('hospital-x');
  const { signature } = second;
  const cases: Record<string, [Partial<Round>, string]> = {
    'another result': [{ modelHash: 'ab'.repeat(32) as Digest }, 'BAD_RECORD'],
    'other totals': [{ metrics: { examples: 570, loss: 12345 } }, 'BAD_RECORD'],
    'another job': [{ job: 'other-job' as Round['job'] }, 'BAD_RECORD'],
    'too few': [{ attestations: [first] }, 'TOO_FEW_APPROVALS'],
    'one member twice': [{ attestations: [first, first, third] }, 'BAD_RECORD'],
    'a signature of another member': [{ attestations: [{ ...first, signature }, second] }, 'BAD_SIGNATURE'],
    'a member in the name of another': [
      { attestations: [{ ...first, member: third.member }, second] },
      'BAD_RECORD',
    ],
    'a stranger': [{ attestations: [{ ...first, member: stranger.member }, second] }, 'NOT_A_MEMBER'],
    'no majority': [{ threshold: 1 }, 'BAD_RECORD'],
    'another message': [
      { attestations: [{ ...first, payload: encodeBase64(encodeRecord(sample.ROUND)) }, second] },
      'MALFORMED',
    ],
  };
  for (const [what, [change, code]] of Object.entries(cases))
    assert.deepEqual(await membersOf(change), [`members ${code}`], what);
  assert.deepEqual(await membersOf({}, [...SITES, stranger]), ['members BAD_ROSTER']);
});

type Signed = Round['attestations'][number];

test('files that do not go together, and documents of another form, are refused', async () => {
  const [one, other] = [sample.roundBundle.bytes, sample.releaseBundle.bytes];
  await assert.rejects(verify([one, other]), { code: 'MALFORMED', message: /several records/ });
  await assert.rejects(verify([sample.round.proof, sample.round.proof, sample.round.record]), {
    code: 'MALFORMED',
  });
  assert.throws(() => dropFile(withBundle({ entry: undefined as never })), { code: 'BAD_PROOF' });
  for (const bytes of [
    one.slice(0, -1),
    utf8(` ${Buffer.from(one).toString()}`),
    sample.round.proof.slice(0, -1),
  ])
    assert.throws(() => dropFile(bytes), { code: 'MALFORMED' });
  assert.equal(roleOf(utf8(`${sample.VKEY}\n`)), 'log-key');
  assert.equal(roleOf(utf8(`# ours\n${sample.POLICY}`)), 'policy');
  assert.equal(roleOf(sample.model.bytes), 'model');
});
