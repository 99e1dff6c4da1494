import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256, toHex, utf8, type Digest } from '@blindsum/proto';
import {
  parseEntryBundle,
  recordName,
  toNameDigest,
  hashLeaf,
  merkleRoot,
  type LogRecord,
  type Predicate,
} from '@blindsum/proto/tlog';
import { fsck } from './fsck.ts';
import { toText } from './report.ts';
import {
  createMapReader,
  digestOf,
  hashOf,
  incidents,
  JOB,
  RECORD_SIGNER,
  sampleRecords,
  VKEY,
  writeLog,
} from './sample-log.fixture.ts';

const RECORDS = sampleRecords();
const REASON = 'asked for by a member';
const nameOf = (record: LogRecord) => toNameDigest(recordName(record));

/** What a coordinator logs when it erases the record. */
function redactionOf(record: LogRecord, changes: Partial<Predicate<'redaction'>> = {}): LogRecord {
  const name = nameOf(record);
  const about = { record: digestOf(record), kind: record.kind as 'round', job: JOB, name, reason: REASON };
  return { kind: 'redaction', predicate: { ...about, ...changes } };
}

/** Of these records, without the bodies of those. */
function logWithout(records: readonly LogRecord[], missing: readonly LogRecord[]) {
  const files = writeLog(records);
  for (const record of missing) files.delete(`records/${digestOf(record)}.json`);
  return files;
}

async function findingsOf(files: ReturnType<typeof writeLog>) {
  const { findings } = await fsck(createMapReader(files), VKEY);
  return findings.map(({ code, entry, message }) => `entry ${entry}: ${message} (${code})`);
}

async function finds(files: ReturnType<typeof writeLog>, ...expected: RegExp[]) {
  const found = await findingsOf(files);
  assert.equal(found.length, expected.length, found.join('\n'));
  expected.forEach((pattern, i) => assert.match(found[i]!, pattern));
}

test('a log with an erased record is intact, and the report says what cannot be checked any more', async () => {
  const round = RECORDS[4]!;
  const report = await fsck(createMapReader(logWithout([...RECORDS, redactionOf(round)], [round])), VKEY);
  assert.deepEqual(report.findings, []);
  const record = digestOf(round);
  assert.deepEqual(report.erased, [
    { entry: 4, record, kind: 'round', job: JOB, name: nameOf(round), reason: REASON },
  ]);
  assert.equal(report.records.round, 1);
  const text = toText(report);
  assert.match(text, /^OK: .* nothing changed or repeated, and 1 record erased, as the log itself says\.\n/);
  assert.match(
    text,
    /entry 4, round of job breast-cancer, erased: asked for by a member; what rests on it is not checked either\n/,
  );
});

test('a body that is missing is withheld, unless the log says that it was erased', async () => {
  const round = RECORDS[4]!;
  const withheld = /^entry 4: records\/.* is missing, and the log does not say that it was erased.*NOT_FOUND/;
  await finds(logWithout(RECORDS, [round]), withheld);
  await finds(logWithout([...RECORDS, redactionOf(RECORDS[6]!)], [round]), withheld);
});

test('a body that is there still, as in a copy of the log, is compared with what its redaction says', async () => {
  const round = RECORDS[4]!;
  await finds(writeLog([...RECORDS, redactionOf(round)]));
  const lies = { kind: 'incident', job: 'another' as never, name: hashOf('another name') } as const;
  for (const [field, value] of Object.entries(lies))
    await finds(
      writeLog([...RECORDS, redactionOf(round, { [field]: value })]),
      /entry 7: .* it says of the erased record what that is not/,
    );
});

test('the name of an erased record is taken for good', async () => {
  const [first, second] = [...incidents(2, 1), ...incidents(2, 1)] as [LogRecord, LogRecord];
  const other = { ...second, predicate: { ...second.predicate, reason: 'ANOTHER' } } as LogRecord;
  await finds(
    logWithout([...RECORDS, first, redactionOf(first), other], [first]),
    /entry 9: a second record of failure of attempt 1 of round 2/,
  );
  await finds(
    logWithout([...RECORDS, first, other, redactionOf(first)], [first]),
    /entry 9: redaction of .*: a second record of what was erased: entry 8 is the first/,
  );
});

test('of a job of which something was erased, the rest is not judged by it; the other records are', async () => {
  const [lie] = [...incidents(7, 1)] as [LogRecord];
  const erasing = redactionOf(RECORDS[2]!);
  await finds(logWithout([...RECORDS, lie, erasing], [RECORDS[2]!]));
  await finds(writeLog([...RECORDS, lie]), /round 7 fails where round 2 is due/);
  const orphan = { ...lie, predicate: { ...lie.predicate, job: 'other-job' } } as LogRecord;
  await finds(
    logWithout([...RECORDS, orphan, erasing], [RECORDS[2]!]),
    /the manifest of job other-job is not in the log before it/,
  );
});

test('nothing rests on a failed attempt: what follows one that was erased is judged', async () => {
  const [failure] = [...incidents(2, 1)] as [LogRecord];
  const [lie] = [...incidents(7, 1)] as [LogRecord];
  await finds(
    logWithout([...RECORDS, failure, redactionOf(failure), lie], [failure]),
    /round 7 fails where round 2 is due/,
  );
});

/** Signs the same bytes the same way, so that two logs have the same entries. */
function createRememberingSigner() {
  const signatures = new Map<string, Uint8Array>();
  const sign = (message: Uint8Array) => {
    const name = toHex(sha256(message));
    const signature = signatures.get(name) ?? RECORD_SIGNER.sign(message);
    signatures.set(name, signature);
    return signature;
  };
  return { publicKeySpki: RECORD_SIGNER.publicKeySpki, sign };
}

const TOKEN = utf8('the response of an authority');

/** One log with the anchor, whose tree is the one before it: records are signed anew each time that a log is written. */
function writeAnchored(changes: Partial<Predicate<'anchor'>> = {}) {
  const token = toHex(sha256(TOKEN)) as Digest;
  const size = RECORDS.length;
  const signer = createRememberingSigner();
  const before = writeLog(RECORDS, () => signer);
  const entries = parseEntryBundle(before.get(`tile/entries/000.p/${size}`)!, size);
  const root = toHex(merkleRoot(entries.map(hashLeaf))) as Digest;
  const anchor: LogRecord = { kind: 'anchor', predicate: { size, root, token, ...changes } };
  const files = writeLog([...RECORDS, anchor], () => signer);
  files.set(`timestamps/${changes.size ?? size}.tsr`, TOKEN);
  return files;
}

test('a timestamp is of a tree that the log had before, and of the response that lies beside it', async () => {
  await finds(writeAnchored());
  await finds(writeAnchored({ root: hashOf('another') }), /entry 7: anchor .* that tree has another root/);
  await finds(writeAnchored({ size: 8 }), /entry 7: anchor .* logged before that tree was there/);
  await finds(
    writeAnchored({ token: hashOf('another') }),
    /entry 7: anchor .* timestamps\/7.tsr was changed/,
  );
  const files = writeAnchored();
  files.delete('timestamps/7.tsr');
  await finds(files, /entry 7: anchor .* timestamps\/7.tsr is missing/);
});
