import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bytes } from '@blindsum/proto';
import { compareLogs } from './compare-logs.ts';
import { toCompareText } from './compare-text.ts';
import { createMapReader, incidents, sampleRecords, VKEY } from './sample-log.fixture.ts';
import { writeSteadyLog } from './steady-log.fixture.ts';

type Files = Map<string, Bytes>;

const RECORDS = [...sampleRecords(1), ...incidents(1, 300)];
const logOf = (size: number) => writeSteadyLog(RECORDS.slice(0, size));
const forkedAt = (entry: number) =>
  writeSteadyLog(RECORDS.map((record, i) => (i === entry ? RECORDS[4]! : record)));
const compare = (one: Files, other: Files, vkey?: string) =>
  compareLogs(createMapReader(one), createMapReader(other), vkey);

test('two sizes of one log are consistent, whichever comes first', async () => {
  for (const [one, other] of [
    [40, 40],
    [40, 290],
    [290, 40],
    [256, 300],
  ] as const) {
    const report = await compare(logOf(one), logOf(other), VKEY);
    assert.deepEqual([report.verdict, report.ok, report.findings], ['one', true, []]);
    assert.deepEqual(
      report.logs.map(({ size }) => size),
      [one, other],
    );
    assert.match(toCompareText(report), /^CONSISTENT: both show the log log\.example\.org/);
  }
});

test('attack: a forked log is proved by its two signed checkpoints, at one size and at two', async () => {
  const forked = forkedAt(20);
  for (const other of [logOf(RECORDS.length), logOf(100)]) {
    const report = await compare(other, forked, VKEY);
    assert.deepEqual([report.verdict, report.ok], ['split', false]);
    for (const { note } of report.logs) assert.match(note, /^log\.example\.org\n[^]+\n— log\.example\.org /);
    assert.match(toCompareText(report), /^SPLIT VIEW: the log log\.example\.org shows two histories/);
    assert.equal(report.findings[0]!.code, 'BAD_CHECKPOINT');
  }
});

test('changed tiles are no proof of a fork', async () => {
  const files = logOf(300);
  const path = 'tile/0/000';
  files.set(
    path,
    files.get(path)!.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
  );
  const report = await compare(logOf(100), files, VKEY);
  assert.equal(report.verdict, 'failed');
  assert.match(report.findings[0]!.message, /^the tiles are not those of the signed tree of 300 entries/);
});

test('logs of two keys are two logs, and a checkpoint that is not signed is compared with nothing', async () => {
  const other = logOf(40);
  const changed = other.get('checkpoint')!.map((byte, i) => (i === 17 ? byte ^ 1 : byte));
  const report = await compare(logOf(40), new Map(other).set('checkpoint', changed), VKEY);
  assert.equal(report.verdict, 'failed');
  assert.match(report.findings[0]!.message, /^memory: checkpoint: /);
  await assert.rejects(compare(logOf(40), new Map()), { code: 'UNAVAILABLE' });
});
