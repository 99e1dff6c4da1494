import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, utf8, type Bytes } from '@blindsum/proto';
import { recordDigest, encodeRecord } from '@blindsum/proto/tlog';
import { fsck, type FsckReport } from './fsck.ts';
import { createMapReader, incidents, sampleRecords, VKEY, writeLog } from './sample-log.fixture.ts';

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
  // A changed bit may also make it no base64.
  'checkpoint signature': [
    'checkpoint',
    -10,
    [/^checkpoint: note(: invalid signature of log\.example\.org| signature: not base64)/],
  ],
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
    /^entry 3: records\/[0-9a-f]{64}\.json is missing, and the log does not say that it was erased: it is withheld \(NOT_FOUND\)$/,
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

test('another file under tile/ is found', async () => {
  const files = writeLog(RECORDS).set('tile/0/notes.txt', utf8('hello'));
  assert.match(
    messages(await audit(files, VKEY))[0] ?? '',
    /^tile\/0\/notes\.txt: tile path: index \(MALFORMED\)$/,
  );
});
