import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bytes } from '@blindsum/proto';
import type { LogRecord } from '@blindsum/proto/tlog';
import { createArchivedRounds, ROSTER } from './archived-rounds.fixture.ts';
import { toViewText } from './round-view-text.ts';
import { viewRound } from './round-view.ts';
import {
  createMapReader,
  digestOf,
  incidents,
  JOB,
  sampleRecords,
  VKEY,
  writeLog,
} from './sample-log.fixture.ts';

const { records } = createArchivedRounds([{}]);
const view = (files: ReadonlyMap<string, Bytes>, round = 0, vkey?: string) =>
  viewRound(createMapReader(files), { job: JOB, round }, vkey);
const text = async (files: ReadonlyMap<string, Bytes>, round = 0) =>
  toViewText(await view(files, round, VKEY));
const isRound = ({ kind }: LogRecord) => kind === 'round';

test('the first line says whether a round is in order, who took part and who was late', async () => {
  const lines = (await text(writeLog(records))).split('\n');
  assert.equal(
    lines[0],
    'Round 0 of job breast-cancer: VERIFIED. 3 of 4 sites contributed; site 4 was late.',
  );
});

test('sites are told by their place in the roster, with their pseudonyms and their part', async () => {
  const { members, ok, entry } = await view(writeLog(records));
  assert.deepEqual(
    members.map(({ index, member, part }) => ({ index, member, part })),
    ROSTER.map(({ member }, i) => ({ index: i + 1, member, part: i < 3 ? 'contributed' : 'late' })),
  );
  assert.deepEqual([ok, entry], [true, 4]);
  assert.match(await text(writeLog(records)), new RegExp(`\\n    site 4 +late.* ${ROSTER[3]!.member}\\n`));
});

test('what the log alone does not show is said', async () => {
  const told = await text(writeLog(records));
  assert.doesNotMatch(told, /ciphertexts|recomputed/);
  assert.match(told, /not checked here: the encrypted updates themselves/);
});

test('a round that failed twice and is not published says so, with its failed attempts', async () => {
  const files = writeLog([...sampleRecords(1), ...incidents(1, 2)]);
  assert.match(
    await text(files, 1),
    /^Round 1 of job breast-cancer: NOT PUBLISHED: [^]*\n {2}attempt 1 failed: TOO_FEW_CONTRIBUTORS\n {2}attempt 2 failed/,
  );
  assert.equal((await view(files, 1)).ok, false);
});

test('a set that was not sealed before its round fails it', async () => {
  const files = writeLog(records.filter(({ kind }) => kind !== 'round-sealed'));
  assert.match(
    await text(files),
    /^Round 0 of job breast-cancer: FAILED: .*not fixed in the log before the result/,
  );
});

test('of two records of one round neither is believed', async () => {
  const second = createArchivedRounds([{}], 3).records.filter(isRound);
  assert.match(
    await text(writeLog([...records, ...second])),
    /FAILED: [^]*a second record of the round: entry 4/,
  );
});

test('a changed log, and another key, vouch for nothing', async () => {
  const files = writeLog(records);
  files.set('tile/entries/000.p/5', writeLog([...records].reverse()).get('tile/entries/000.p/5')!);
  assert.equal((await view(files)).verdict, 'failed');
  const other = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const foreign = await view(writeLog(records), 0, other);
  assert.match(toViewText(foreign), /^Round 0 of job breast-cancer: FAILED: the public log does not vouch/);
});

test('a record that is withheld fails its round', async () => {
  const files = writeLog(records);
  files.delete(`records/${digestOf(records.find(isRound)!)}.json`);
  const told = await text(files);
  assert.match(told, /FAILED: the public log does not vouch for the record\.[^]*it is withheld/);
});
