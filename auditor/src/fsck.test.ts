import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBase64, parseBase64, Refusal, utf8, type Bytes } from '@blindsum/proto';
import { recordDigest, encodeRecord, type LogRecord, type Predicate } from '@blindsum/proto/tlog';
import { fsck, type FsckReport } from './fsck.ts';
import {
  createMapReader,
  createRecordSigner,
  hashOf,
  MEMBERS,
  recordOf,
  RECORD_SIGNER,
  sampleRecords,
  VKEY,
  writeLog,
} from './sample-log.fixture.ts';

type Files = Map<string, Bytes>;

const RECORDS = sampleRecords();
const audit = (files: Files, vkey?: string) => fsck(createMapReader(files), vkey);
const messages = ({ findings }: FsckReport) =>
  findings.map(
    ({ code, entry, message }) => `${entry === undefined ? '' : `entry ${entry}: `}${message} (${code})`,
  );
const recordPath = (entry: number) => `records/${recordDigest(encodeRecord(RECORDS[entry]!))}.json`;

/** The log with one bit changed at `at` (from the end if negative) of one file. */
function flipped(path: string, at: number): Files {
  const files = writeLog(RECORDS);
  const bytes = Uint8Array.from(files.get(path)!);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = bytes[place]! ^ 1;
  return files.set(path, bytes);
}

test('an intact log passes, and what it holds is counted', async () => {
  const report = await audit(writeLog(RECORDS), VKEY);
  assert.deepEqual(messages(report), []);
  assert.equal(report.ok, true);
  assert.equal(report.size, 7);
  assert.equal(report.isKeyFromLog, false);
  assert.deepEqual(report.records, { charter: 1, roster: 1, manifest: 1, 'round-sealed': 2, round: 2 });
  assert.deepEqual(report.jobs, [{ job: 'breast-cancer', rounds: 2, sets: 2, failures: 0, excluded: {} }]);
});

test('without a trusted key the key of the log is taken, and the report says so', async () => {
  const report = await audit(writeLog(RECORDS));
  assert.equal(report.ok, true);
  assert.equal(report.isKeyFromLog, true);
  assert.equal(report.vkey, VKEY);
});

test('a log that dropped its partial tiles once they were full passes', async () => {
  const records = [...sampleRecords(1), ...incidents(1, 300)];
  const files = writeLog(records);
  for (const path of files.keys())
    if (/000\.p\//.test(path) && !path.startsWith('tile/1')) files.delete(path);
  assert.deepEqual(messages(await audit(files)), []);
});

test('tiles that are ahead of the checkpoint are no fault', async () => {
  const files = writeLog(RECORDS);
  files.set('checkpoint', writeLog(RECORDS.slice(0, 6)).get('checkpoint')!);
  const shorter = writeLog(RECORDS.slice(0, 6));
  for (const [path, bytes] of shorter) files.set(path, bytes);
  files.set('tile/0/000.p/9', new Uint8Array(9 * 32));
  assert.deepEqual(messages(await audit(files)), []);
});

function* incidents(round: number, count: number): Generator<LogRecord> {
  for (let attempt = 1; attempt <= count; attempt++) {
    const place = { job: (RECORDS[2]!.predicate as Predicate<'manifest'>).job, round, attempt };
    yield recordOf('incident', {
      ...place,
      context: hashOf('x'),
      reason: 'TOO_FEW_CONTRIBUTORS',
      excluded: [],
    });
  }
}

/** Every file of the log changed by one bit, with what the auditor must say about it. */
const FLIPS: Record<string, [path: string, at: number, findings: RegExp[]]> = {
  'tile hash': [
    'tile/0/000.p/7',
    3 * 32 + 5,
    [/^tile\/0\/000\.p\/7 was changed: it has another hash for entry 3 \(ROOT_MISMATCH\)$/],
  ],
  'tile of an earlier checkpoint': [
    'tile/0/000.p/2',
    40,
    [/^tile\/0\/000\.p\/2 was changed: it has another hash for entry 1 \(ROOT_MISMATCH\)$/],
  ],
  'entry text': [
    'tile/entries/000.p/7',
    2 + 20,
    [/^entry 0: the entry was changed: the signed tree has another hash/, /^entry 0: log entry: not JSON/],
  ],
  'entry length': ['tile/entries/000.p/7', 1, [/^tile\/entries\/000\.p\/7 was changed: entry bundle/]],
  'last byte of the entries': [
    'tile/entries/000.p/7',
    -1,
    [/^entry 6: the entry was changed/, /^entry 6: log entry: not JSON \(MALFORMED\)$/],
  ],
  'entries of an earlier checkpoint': [
    'tile/entries/000.p/3',
    100,
    [/^tile\/entries\/000\.p\/3 was changed: it has another hash for entry 0/],
  ],
  'checkpoint size': [
    'checkpoint',
    'log.example.org\n'.length,
    [/^checkpoint: note: invalid signature of log\.example\.org/],
  ],
  'checkpoint signature': ['checkpoint', -10, [/^checkpoint: note: invalid signature of log\.example\.org/]],
  'record text': [
    recordPath(4),
    40,
    [
      /^entry 4: records\/[0-9a-f]{64}\.json: the record has another digest than its log entry \(BAD_RECORD\)$/,
    ],
  ],
};

for (const [name, [path, at, expected]] of Object.entries(FLIPS)) {
  test(`one changed bit is found and named: ${name}`, async () => {
    const report = await audit(flipped(path, at), VKEY);
    assert.equal(report.ok, false);
    const found = messages(report);
    assert.equal(found.length, expected.length, found.join('\n'));
    expected.forEach((pattern, i) => assert.match(found[i]!, pattern));
  });
}

test('a record that was signed again is found', async () => {
  const files = writeLog(RECORDS).set(recordPath(4), writeLog(RECORDS).get(recordPath(4))!);
  assert.deepEqual(
    messages(await audit(files, VKEY)).map((text) => text.replace(/[0-9a-f]{64}/, '')),
    ['entry 4: records/.json: the record has another signature than its log entry (BAD_RECORD)'],
  );
});

test('no byte of any file can be changed unnoticed', async () => {
  const intact = writeLog(sampleRecords(1));
  for (const [path, bytes] of intact) {
    for (const share of [0.02, 0.5, 0.98]) {
      const at = Math.floor(bytes.length * share);
      const files = new Map(intact).set(
        path,
        Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte)),
      );
      assert.equal((await audit(files, VKEY)).ok, false, `${path} at ${at}`);
    }
  }
});

test('only the changed tile is named, not those that agree', async () => {
  assert.equal((await audit(flipped('tile/0/000.p/7', 0), VKEY)).findings.length, 1);
});

const MISSING: Record<string, RegExp> = {
  'tile/0/000.p/7': /^tile\/0\/000\.p\/7 is missing \(NOT_FOUND\)$/,
  'tile/entries/000.p/7': /^tile\/entries\/000\.p\/7 is missing \(NOT_FOUND\)$/,
  [recordPath(3)]:
    /^entry 3: records\/[0-9a-f]{64}\.json is missing: the record was erased or is withheld \(NOT_FOUND\)$/,
  'log.vkey': /^log\.vkey is missing: give the key of the log with --vkey \(NOT_FOUND\)$/,
};

for (const [path, expected] of Object.entries(MISSING)) {
  test(`a missing file is named: ${path.slice(0, 20)}`, async () => {
    const files = writeLog(RECORDS);
    files.delete(path);
    assert.match(messages(await audit(files))[0] ?? '', expected);
  });
}

test('a missing vkey is no fault when the auditor brings the key', async () => {
  const files = writeLog(RECORDS);
  files.delete('log.vkey');
  assert.equal((await audit(files, VKEY)).ok, true);
});

test('a log under another key than the trusted one fails', async () => {
  const other = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const found = messages(await audit(writeLog(RECORDS), other));
  assert.match(found[0] ?? '', /log\.vkey is not the key given with --vkey/);
  assert.match(found[1] ?? '', /checkpoint: note: not signed by a known key/);
});

test('a source without a checkpoint is no log, and a key that is none is the caller’s mistake', async () => {
  await assert.rejects(audit(new Map()), { code: 'UNAVAILABLE' });
  await assert.rejects(audit(writeLog(RECORDS), 'key'), { code: 'MALFORMED' });
});

test('a server that stops answering is not a verdict', async () => {
  const reader = createMapReader(writeLog(RECORDS));
  const read = async (path: string) => {
    if (path.startsWith('tile/0')) throw new Refusal('UNAVAILABLE', 'no answer');
    return reader.read(path);
  };
  await assert.rejects(fsck({ ...reader, read }), { code: 'UNAVAILABLE' });
});

/** The sample with one predicate changed. */
function changed<K extends LogRecord['kind']>(
  entry: number,
  _: K,
  change: (p: Predicate<K>) => Partial<Predicate<K>>,
): LogRecord[] {
  return RECORDS.map((record, i) => {
    const predicate = record.predicate as Predicate<K>;
    return i === entry
      ? ({ kind: record.kind, predicate: { ...predicate, ...change(predicate) } } as LogRecord)
      : record;
  });
}

const without = (entry: number) => RECORDS.filter((_, i) => i !== entry);
const forgedPayload = (payload: string) =>
  encodeBase64(Uint8Array.from(parseBase64(payload, 'payload'), (byte, i) => (i === 14 ? byte ^ 1 : byte)));

/** Logs whose tree and signatures are all valid, but that say what no honest coordinator says. */
const LIES: Record<string, [records: LogRecord[], finding: RegExp]> = {
  'no charter': [without(0), /entry 0: the charter must be the first entry/],
  'charter of another log': [
    changed(0, 'charter', () => ({ origin: 'other.example.org' })),
    /entry 0: charter: it is the charter of other\.example\.org/,
  ],
  'a round published twice': [
    [...RECORDS, ...changed(6, 'round', () => ({ coordinatorVersion: '0.2.0' })).slice(6)],
    /entry 7: a second record of round 1 of job breast-cancer: entry 6 is the first/,
  ],
  'a round that was not sealed': [
    without(5),
    /entry 5: round 1 of job .*: its set was not sealed in the log before it/,
  ],
  'a set sealed after its result': [
    [...RECORDS.slice(0, 5), RECORDS[6]!, RECORDS[5]!],
    /entry 5: .*its set was not sealed in the log before it/,
  ],
  'a round left out': [
    [...RECORDS.slice(0, 3), ...RECORDS.slice(5)],
    /entry 4: round 1 of job .*: round 1 is published where round 0 is due/,
  ],
  'another record before': [
    changed(6, 'round', () => ({ previousRecord: hashOf('other') })),
    /entry 6: .*it names another record as the round before/,
  ],
  'another base model': [
    changed(6, 'round', () => ({ baseModelHash: hashOf('other') })),
    /entry 6: .*it does not start from the last model/,
  ],
  'a context of other terms': [
    changed(4, 'round', () => ({ baseModelHash: hashOf('other') })),
    /entry 4: .*its context is not that of its terms/,
  ],
  'no manifest': [without(2), /entry 2: .*the manifest of job breast-cancer is not in the log before it/],
  'no roster': [without(1), /entry 1: manifest of job .*: its roster is not in the log before it/],
  'a set with a stranger': [
    changed(3, 'round-sealed', () => ({ members: [...MEMBERS, hashOf('stranger')] })),
    /entry 3: .* is not in the roster \(NOT_A_MEMBER\)/,
  ],
  'a member in the set and out': [
    changed(3, 'round-sealed', () => ({ excluded: [{ member: MEMBERS[0]!, reason: 'late' }] })),
    /entry 3: .*one member is in the set twice, or in and out/,
  ],
  'a commitment left out': [
    changed(4, 'round', ({ commitments }) => ({ commitments: commitments.slice(1) })),
    /entry 4: .*the commitments are not those of the sealed set/,
  ],
  'a forged commitment': [
    changed(4, 'round', ({ commitments: [first, ...rest] }) => ({
      commitments: [{ ...first!, signature: '0'.repeat(128) }, ...rest],
    })),
    /entry 4: .*commitment: the signature does not verify/,
  ],
  'a checksum that was not signed': [
    changed(4, 'round', ({ checksums: [first, ...rest] }) => ({
      checksums: [{ ...first!, values: ['0'.repeat(16), '0'.repeat(16)] as [string, string] }, ...rest],
    })),
    /entry 4: .*a checksum is not the one that was signed \(BAD_CHECKSUM\)/,
  ],
  'a proxy that is not named': [
    changed(4, 'round', ({ checksums: [first, ...rest] }) => ({
      checksums: [{ ...first!, proxy: true }, ...rest],
    })),
    /entry 4: .*a checksum names another signer/,
  ],
  'too few attestations': [
    changed(4, 'round', ({ attestations }) => ({ attestations: attestations.slice(2) })),
    /entry 4: .*1 sites attest the result, 2 are needed/,
  ],
  'one attestation three times': [
    changed(4, 'round', ({ attestations: [first] }) => ({ attestations: [first!, first!, first!] })),
    /entry 4: .*one member is twice among the attestations/,
  ],
  'a model that was not attested': [
    changed(6, 'round', () => ({ modelHash: hashOf('other') })),
    /entry 6: .*an attestation is about another modelHash/,
  ],
  'metrics that were not attested': [
    changed(6, 'round', () => ({ metrics: { examples: 569, loss: 1 } })),
    /entry 6: .*the metrics of an attestation is about another loss|entry 6: .*attested other metrics/,
  ],
  'a threshold that opens two sets': [
    changed(6, 'round', () => ({ threshold: 1 })),
    /entry 6: .*a threshold of 1 lets two sets be opened/,
  ],
  'a contributor too many': [
    changed(6, 'round', () => ({ setSize: 4 })),
    /entry 6: .*it counts 4 contributors, 3 were sealed/,
  ],
  'a consent to another manifest': [
    changed(2, 'manifest', () => ({ manifestHash: hashOf('other') })),
    /entry 2: .*a consent is about another manifestHash/,
  ],
  'a forged consent': [
    changed(2, 'manifest', ({ consents: [first, ...rest] }) => ({
      consents: [{ ...first!, payload: forgedPayload(first!.payload) }, ...rest],
    })),
    /entry 2: .*consent/,
  ],
  'a pseudonym of nobody': [
    changed(1, 'roster', ({ members: [first, ...rest] }) => ({
      members: [{ ...first!, member: hashOf('x') }, ...rest],
    })),
    /entry 1: .*member 1 has another pseudonym/,
  ],
  'a roster of another federation': [
    changed(1, 'roster', () => ({ federation: 'other.example.org' })),
    /entry 1: .*it is a roster of other\.example\.org/,
  ],
  'a roster out of order': [
    changed(1, 'roster', ({ members }) => ({ members: [...members].reverse() })),
    /entry 1: .*member 1 has index 3/,
  ],
  'a roster that lost a member': [
    changed(4, 'round', ({ counts }) => ({ counts: { ...counts, roster: 2 } })),
    /entry 4: .*it counts 2 members of 3/,
  ],
  'a member that a set says nothing about': [
    changed(3, 'round-sealed', ({ members }) => ({ members: members.slice(1) })),
    /entry 3: .*it accounts for 2 of 3 members of the roster/,
  ],
  'another member left out than was sealed': [
    changed(4, 'round', () => ({ excluded: [{ member: MEMBERS[0]!, reason: 'late' }] })),
    /entry 4: .*it names others as left out than its sealed set/,
  ],
  'a contributor that did not consent': [
    changed(2, 'manifest', ({ consents }) => ({ consents: consents.slice(1) })),
    /entry 4: .*a contributor has not consented to the job/,
  ],
  'a sum of another size': [
    changed(4, 'round', () => ({ sumBytes: 65536 })),
    /entry 4: .*a commitment is to 3 chunks, the sum has 65536 bytes/,
  ],
  'a set of another context': [
    changed(3, 'round-sealed', () => ({ context: hashOf('other') })),
    /entry 4: .*its set was sealed in another context/,
  ],
  'a failure of a round that was published': [
    [...RECORDS, ...incidents(1, 1)],
    /entry 7: .*round 1 fails where round 2 is due/,
  ],
};

for (const [name, [records, expected]] of Object.entries(LIES)) {
  test(`a well-signed lie is found: ${name}`, async () => {
    const found = messages(await audit(writeLog(records), VKEY));
    assert.ok(
      found.some((message) => expected.test(message)),
      `${expected}\n${found.join('\n')}`,
    );
  });
}

test('a record signed by a key that the charter does not name is found', async () => {
  const stranger = createRecordSigner();
  const files = writeLog(RECORDS, (entry) => (entry === 5 ? stranger : RECORD_SIGNER));
  const found = messages(await audit(files, VKEY));
  assert.equal(found.length, 1);
  assert.match(
    found[0] ?? '',
    /^entry 5: .*signed by a key that the charter does not name \(BAD_SIGNATURE\)$/,
  );
});

test('a record with an unknown key is found', async () => {
  const records = changed(3, 'round-sealed', () => ({ site: 'hospital-a' }) as object);
  assert.match(
    messages(await audit(writeLog(records), VKEY))[0] ?? '',
    /^entry 3: .*round-sealed record: document: Unrecognized key/,
  );
});

test('another file under tile/ is found', async () => {
  const files = writeLog(RECORDS).set('tile/0/notes.txt', utf8('hello'));
  assert.match(
    messages(await audit(files, VKEY))[0] ?? '',
    /^tile\/0\/notes\.txt: tile path: index \(MALFORMED\)$/,
  );
});
