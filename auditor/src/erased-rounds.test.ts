// Rounds whose records, or those that they rest on, were erased: what is left is checked, and the gap is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { P256Signer } from '@blindsum/proto/node';
import { recordName, toNameDigest, type LogRecord } from '@blindsum/proto/tlog';
import { createArchivedRounds } from './archived-rounds.fixture.ts';
import { audit, FIRST, wrongIn } from './round-audit.fixture.ts';
import { toRoundText } from './round-text.ts';
import { createRecordSigner, digestOf, JOB, RECORD_SIGNER, writeLog } from './sample-log.fixture.ts';

const TRUE = createArchivedRounds([{}, {}]);
const ENTRIES = TRUE.records.length;
const SECOND = { job: JOB, round: 1 };
const isRound = (round: number) => (record: LogRecord) =>
  record.kind === 'round' && record.predicate.round === round;

function redactionOf(record: LogRecord): LogRecord {
  const name = toNameDigest(recordName(record));
  const about = { record: digestOf(record), kind: record.kind as 'round', job: JOB, name };
  return { kind: 'redaction', predicate: { ...about, reason: 'asked for by a member' } };
}

/** The log after the erasure of these records. */
function erased(
  isErased: (record: LogRecord) => boolean,
  signerOf: (entry: number) => P256Signer = () => RECORD_SIGNER,
) {
  const gone = TRUE.records.filter(isErased);
  const records = [...TRUE.records, ...gone.map(redactionOf)];
  const log = writeLog(records, (entry) => (entry < ENTRIES ? signerOf(entry) : RECORD_SIGNER));
  for (const record of gone) log.delete(`records/${digestOf(record)}.json`);
  return log;
}

test('a round whose record was erased is said to be erased, not missing', async () => {
  const report = await audit(TRUE, FIRST, erased(isRound(0)));
  assert.equal(report.verdict, 'erased');
  assert.match(
    toRoundText(report),
    /^Round 0 of job breast-cancer: NOT VERIFIED IN FULL: a record was erased, .*\n {2}erased +log .*\n +entry \d+: the round record was erased: asked for by a member \(NOT_FOUND\)\n/,
  );
  assert.equal(report.rounds[0]!.entry, TRUE.records.findIndex(isRound(0)));
});

test('the round after an erased one is checked as far as it can be', async () => {
  const report = await audit(TRUE, SECOND, erased(isRound(0)));
  assert.equal(report.verdict, 'erased');
  const { statuses, messages } = wrongIn(report.rounds[0]!);
  assert.deepEqual(statuses, { log: 'erased', sealed: 'erased' });
  assert.match(messages, /^the round record was erased: asked for by a member \(NOT_FOUND\)/);
});

test('a round that rests on an erased manifest is not judged, and the erasure is named', async () => {
  const report = await audit(
    TRUE,
    FIRST,
    erased(({ kind }) => kind === 'manifest'),
  );
  assert.equal(report.verdict, 'erased');
  assert.match(wrongIn(report.rounds[0]!).messages, /^the manifest record was erased/);
});

test('an erasure excuses nothing that does not rest on it', async () => {
  const stranger = createRecordSigner();
  const report = await audit(
    TRUE,
    SECOND,
    erased(isRound(0), () => stranger),
  );
  assert.equal(report.verdict, 'failed');
  const lastSet = TRUE.records.findLastIndex(({ kind }) => kind === 'round-sealed');
  const signerOf = (entry: number) => (entry === lastSet ? stranger : RECORD_SIGNER);
  const { rounds } = await audit(TRUE, SECOND, erased(isRound(0), signerOf));
  assert.deepEqual(wrongIn(rounds[0]!).statuses, { log: 'erased', sealed: 'failed' });
});

test('of all rounds, those that were erased are listed', async () => {
  const report = await audit(TRUE, { job: JOB }, erased(isRound(1)));
  assert.deepEqual(
    [report.verdict, report.rounds.map(({ verdict }) => verdict), report.erased.length],
    ['erased', ['verified'], 1],
  );
  assert.match(
    toRoundText(report),
    /\n {2}a round of job breast-cancer: entry \d+: the round record was erased/,
  );
});

test('a record that is withheld is no erased one', async () => {
  const log = writeLog(TRUE.records);
  log.delete(`records/${digestOf(TRUE.records.find(isRound(0))!)}.json`);
  assert.equal((await audit(TRUE, FIRST, log)).verdict, 'failed');
});
