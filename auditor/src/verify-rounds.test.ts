import assert from 'node:assert/strict';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Refusal, type Bytes, type JobId } from '@blindsum/proto';
import { encodeRecord, recordDigest, type LogRecord } from '@blindsum/proto/tlog';
import { ciphertextPath, CONTRIBUTORS, createArchivedRounds, ROSTER } from './archived-rounds.fixture.ts';
import { audit, auditOne, FIRST, wrongIn, writeNewArchive } from './round-audit.fixture.ts';
import type { CheckStatus } from './round-report.ts';
import { toRoundText } from './round-text.ts';
import {
  createMapReader,
  createRecordSigner,
  JOB,
  RECORD_SIGNER,
  sampleRecords,
  writeLog,
} from './sample-log.fixture.ts';
import { verifyRounds } from './verify-rounds.ts';

const TRUE = createArchivedRounds();

test('a true round is verified by every check', async () => {
  const report = await audit(TRUE);
  assert.deepEqual(wrongIn(report.rounds[0]!), { statuses: {}, messages: '' });
  assert.equal(report.rounds[0]!.checks.length, 8);
  assert.deepEqual([report.ok, report.verdict, report.findings], [true, 'verified', []]);
  const { entry, contributors, rosterSize, excluded } = report.rounds[0]!;
  assert.deepEqual([entry, contributors, rosterSize], [4, 3, 4]);
  assert.deepEqual(excluded, [{ member: ROSTER[3]!.member, reason: 'late' }]);
});

test('ciphertexts of several parts, the last of them short, are verified and their parts counted', async () => {
  const { records, files } = createArchivedRounds([{}], 33);
  const archive = await writeNewArchive(files);
  const shown: string[] = [];
  const onProgress = (name: string, done: number, total: number) => shown.push(`${name} ${done}/${total}`);
  const reader = createMapReader(writeLog(records));
  const report = await verifyRounds({ reader, archive, selection: FIRST, onProgress });
  assert.equal(report.ok, true, wrongIn(report.rounds[0]!).messages);
  assert.equal(report.isKeyFromLog, true);
  assert.equal(shown.length, 2 * 3 * 2);
  assert.equal(shown.at(-1), 'round 0 of job breast-cancer 12/12');
});

test('a file that vanishes between the passes cannot be read', async () => {
  const archive = await writeNewArchive(TRUE.files);
  const reader = createMapReader(writeLog(TRUE.records));
  let removed: Promise<void> | undefined;
  const onProgress = (_: string, done: number) => {
    if (done === 3) removed = unlink(join(archive, ciphertextPath(0, CONTRIBUTORS[2]!)));
  };
  const report = await verifyRounds({ reader, archive, selection: FIRST, onProgress });
  await removed;
  assert.deepEqual(wrongIn(report.rounds[0]!).statuses, { checksums: 'unreadable' });
  assert.equal(report.verdict, 'unreadable');
});

const STRANGER = createRecordSigner();
const logOf = (order: readonly number[]) => writeLog(order.map((entry) => TRUE.records[entry]!));
const pathOf = (record: LogRecord) => `records/${recordDigest(encodeRecord(record))}.json`;

function withFlip(path: string, at: number): Map<string, Bytes> {
  const log = writeLog(TRUE.records);
  return log.set(
    path,
    Uint8Array.from(log.get(path)!, (byte, i) => (i === at ? byte ^ 1 : byte)),
  );
}

function withoutFile(path: string): Map<string, Bytes> {
  const log = writeLog(TRUE.records);
  log.delete(path);
  return log;
}

const REST: Record<string, CheckStatus> = {
  context: 'skipped',
  commitments: 'skipped',
  ciphertexts: 'skipped',
  sum: 'skipped',
  checksums: 'skipped',
  attestations: 'skipped',
  sealed: 'skipped',
};

/** Logs that do not vouch for the round. */
const LOGS: Record<string, [Map<string, Bytes>, Record<string, CheckStatus>, RegExp]> = {
  'one bit of the checkpoint': [
    withFlip('checkpoint', 20),
    { log: 'failed', ...REST },
    /^checkpoint: note: /,
  ],
  'one bit of an entry': [
    withFlip('tile/entries/000.p/5', 60),
    { log: 'failed' },
    /^the entries are not those of the signed tree/,
  ],
  'one bit of the record': [
    withFlip(pathOf(TRUE.records[4]!), 40),
    { log: 'failed', ...REST },
    /^the log has no record that publishes round 0 of job breast-cancer; .*\n.*the record has another digest than its log entry/,
  ],
  'no seal': [logOf([0, 1, 2, 4]), { sealed: 'failed' }, /^its set was not sealed in the log before it/],
  'a seal after the result': [logOf([0, 1, 2, 4, 3]), { sealed: 'failed' }, /^its set was not sealed/],
  'no manifest': [
    logOf([0, 1, 3, 4]),
    { log: 'failed', ...REST },
    /there is no record before it that can be read: manifest of job/,
  ],
  'a record signed by a stranger': [
    writeLog(TRUE.records, (entry) => (entry === 4 ? STRANGER : RECORD_SIGNER)),
    { log: 'failed' },
    /signed by a key that the charter does not name \(BAD_SIGNATURE\)$/,
  ],
  'a charter that is withheld': [
    withoutFile(pathOf(TRUE.records[0]!)),
    { log: 'failed' },
    /there is no record before it that can be read: charter/,
  ],
};

for (const [name, [log, statuses, message]] of Object.entries(LOGS)) {
  test(`a round is judged with its log: ${name}`, async () => {
    const wrong = wrongIn(await auditOne(TRUE, log));
    assert.deepEqual(wrong.statuses, statuses, wrong.messages);
    assert.match(wrong.messages, message);
  });
}

test('all rounds are checked, and one wrong round fails them', async () => {
  const two = createArchivedRounds([{}, { attesting: 1 }]);
  const report = await audit(two, {});
  assert.deepEqual(
    report.rounds.map(({ round, verdict }) => [round, verdict]),
    [
      [0, 'verified'],
      [1, 'failed'],
    ],
  );
  assert.deepEqual([report.verdict, report.isAll], ['failed', true]);
  assert.equal((await audit(two, { job: JOB })).rounds.length, 2);
  assert.equal((await audit(two, FIRST)).ok, true);
});

test('a round that is published twice fails, whichever record is meant', async () => {
  const [again] = createArchivedRounds([{ record: () => ({ coordinatorVersion: '0.2.0' }) }]).records.slice(
    4,
  );
  const report = await audit({ ...TRUE, records: [...TRUE.records, again!] });
  assert.deepEqual([report.verdict, report.rounds.length], ['failed', 2]);
  assert.match(
    wrongIn(report.rounds[1]!).messages,
    /^a second record of round 0 of job breast-cancer: entry 4 is the first/,
  );
  assert.match(
    toRoundText(report),
    /^FAILED: 1 of 2 published rounds of the log log\.example\.org verified, 1 failed\.\n/,
  );
});

test('a record that cannot be read may be that of a round, so not all are verified', async () => {
  const { records, files } = createArchivedRounds([{}, {}]);
  const log = writeLog(records);
  log.delete(pathOf(records[6]!));
  const report = await audit({ records, files }, {}, log);
  assert.deepEqual([report.verdict, report.rounds.length, report.findings[0]?.entry], ['failed', 1, 6]);
  assert.equal((await audit({ records, files }, FIRST, log)).ok, true);
});

test('a round or job that the log does not know fails; nothing to verify is a mistake of the caller', async () => {
  const report = await audit(TRUE, { job: JOB, round: 7 });
  assert.equal(report.verdict, 'failed');
  assert.match(
    wrongIn(report.rounds[0]!).messages,
    /no record that publishes round 7 of job breast-cancer \(NOT_FOUND\)$/,
  );
  const other = await audit(TRUE, { job: 'other' as JobId, round: 0 });
  assert.match(
    wrongIn(other.rounds[0]!).messages,
    /; jobs with published rounds: breast-cancer \(NOT_FOUND\)$/,
  );
  await assert.rejects(audit({ ...TRUE, records: sampleRecords(0) }, {}), { code: 'NOT_FOUND' });
  await assert.rejects(audit(TRUE, { job: 'other' as JobId }), { code: 'NOT_FOUND' });
});

test('a log that cannot be read is not a verdict', async () => {
  const reader = {
    ...createMapReader(writeLog(TRUE.records)),
    read: () => Promise.reject(new Refusal('UNAVAILABLE', 'no answer')),
  };
  await assert.rejects(verifyRounds({ reader, archive: 'nowhere', selection: FIRST }), {
    code: 'UNAVAILABLE',
  });
});
