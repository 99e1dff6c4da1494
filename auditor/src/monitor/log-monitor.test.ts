import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { utf8, type Bytes, type Digest } from '@blindsum/proto';
import { recordName, toNameDigest, type LogRecord, type Predicate } from '@blindsum/proto/tlog';
import {
  createMapReader,
  createRecordSigner,
  digestOf,
  incidents,
  JOB,
  sampleRecords,
  VKEY,
} from '../sample-log.fixture.ts';
import { writeSteadyLog } from '../steady-log.fixture.ts';
import { LogMonitor } from './log-monitor.ts';
import { readMonitorState, writeMonitorState, type MonitorState } from './monitor-state.ts';
import { toMonitorText } from './monitor-text.ts';

type Files = Map<string, Bytes>;

const RECORDS = [...sampleRecords(3), ...incidents(3, 5)];
const STRANGER = createRecordSigner();

/** Looks at logs one after the other, each in a process of its own unless `monitor` is given. */
async function lookAt(logs: readonly Files[], monitor?: LogMonitor, vkey?: string) {
  let state: MonitorState | undefined;
  const reports = [];
  for (const files of logs) {
    const look = await (monitor ?? new LogMonitor()).look({ reader: createMapReader(files), state, vkey });
    state = look.state;
    reports.push(look.report);
  }
  return { reports, last: reports.at(-1)!, state };
}

const kindsAt = ({ alerts }: { alerts: readonly { kind: string; entry?: number }[] }) =>
  alerts.map(({ kind, entry }) => `${kind} ${entry ?? ''}`.trim());
const logOf = (size: number) => writeSteadyLog(RECORDS.slice(0, size));
/** The last look, after one at `seen` entries of a log of these records. */
async function alertsOf(records: readonly LogRecord[], seen: number, files = writeSteadyLog(records)) {
  const { last } = await lookAt([writeSteadyLog(records.slice(0, seen)), files]);
  return kindsAt(last);
}
/** The records with the round of entry `entry` changed. */
const withRound = (entry: number, changes: Partial<Predicate<'round'>>): LogRecord[] =>
  RECORDS.map((record, i) =>
    i === entry && record.kind === 'round'
      ? { kind: 'round', predicate: { ...record.predicate, ...changes } }
      : record,
  );

test('a log that grows and is in order raises no alert, in one process or in several', async () => {
  const sizes = [3, 3, 7, 9, 14];
  for (const monitor of [new LogMonitor(), undefined]) {
    const { reports } = await lookAt(sizes.map(logOf), monitor);
    assert.deepEqual(
      reports.map(({ ok, from, size, alerts }) => [ok, from, size, alerts.length]),
      [
        [true, 0, 3, 0],
        [true, 3, 3, 0],
        [true, 3, 7, 0],
        [true, 7, 9, 0],
        [true, 9, 14, 0],
      ],
    );
    assert.equal(
      toMonitorText(reports[2]!),
      'OK: the log log.example.org goes on from what was seen before: 4 entries more, 7 entries in all.\n',
    );
  }
});

test('attack: a shrunk log, as from a restored backup, is noticed at every look', async () => {
  const { reports, state } = await lookAt([logOf(9), logOf(7), logOf(7)]);
  assert.deepEqual(reports.map(kindsAt), [[], ['shrunk'], ['shrunk']]);
  assert.equal(state?.size, 9);
});

test('attack: a forked log, as after a restored backup that went on, is noticed at every look', async () => {
  const forked = writeSteadyLog([...RECORDS.slice(0, 7), ...[...incidents(2, 4)]]);
  const { reports, state } = await lookAt([logOf(9), forked, forked]);
  assert.deepEqual(reports.map(kindsAt), [[], ['forked'], ['forked']]);
  assert.equal(state?.size, 9);
  assert.match(
    toMonitorText(reports[1]!),
    /^ALERT: 1 thing to look at in the log log\.example\.org\.\n {2}forked: /,
  );
});

test('attack: a back-dated entry, put in before others, is a fork', async () => {
  const backdated = [...RECORDS.slice(0, 3), ...incidents(0, 1), ...RECORDS.slice(3)];
  assert.deepEqual(await alertsOf(RECORDS, 9, writeSteadyLog(backdated)), ['forked']);
});

test('attack: a second record of a round is noticed', async () => {
  const [first] = withRound(4, { coordinatorVersion: '0.2.0' }).slice(4, 5);
  const kinds = await alertsOf([...RECORDS.slice(0, 9), first!], 9);
  assert.deepEqual(kinds, ['duplicate 9', 'broken-chain 9']);
});

test('attack: a round that does not follow the one before it is noticed', async () => {
  const broken = withRound(6, { previousRecord: 'ab'.repeat(32) as Digest });
  assert.deepEqual(await alertsOf(broken.slice(0, 7), 5), ['broken-chain 6']);
});

test('attack: a set that is sealed after its round, or never, is noticed', async () => {
  const [charter, roster, manifest, sealed, round] = RECORDS as [
    LogRecord,
    LogRecord,
    LogRecord,
    LogRecord,
    LogRecord,
  ];
  assert.deepEqual(await alertsOf([charter, roster, manifest, round, sealed], 3), [
    'sealed-late 3',
    'sealed-late 4',
  ]);
  assert.deepEqual(await alertsOf([charter, roster, manifest, round], 3), ['sealed-late 3']);
});

test('fewer contributors than the threshold are noticed', async () => {
  const few = withRound(4, { threshold: 4 }).slice(0, 5);
  assert.deepEqual((await alertsOf(few, 3))[0], 'below-threshold 4');
});

test('attack: a record signed by another key, and a log under another key, are noticed', async () => {
  const foreign = writeSteadyLog(RECORDS.slice(0, 7), (entry) => (entry === 6 ? STRANGER : undefined));
  assert.deepEqual(await alertsOf(RECORDS, 5, foreign), ['unknown-key 6']);
  const other = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const { last, state } = await lookAt([logOf(7)], undefined, other);
  assert.equal(last.alerts[0]!.kind, 'unknown-key');
  assert.equal(state, undefined);
  const published = logOf(7).set('log.vkey', utf8(`${other}\n`));
  assert.deepEqual(kindsAt((await lookAt([published], undefined, VKEY)).last), ['unknown-key']);
});

test('a record that was erased since is told once, one that is withheld by every process', async () => {
  const round = RECORDS[4]!;
  const about = {
    record: digestOf(round),
    kind: 'round',
    job: JOB,
    name: toNameDigest(recordName(round)),
  } as const;
  const redaction: LogRecord = { kind: 'redaction', predicate: { ...about, reason: 'asked for' } };
  const erased = writeSteadyLog([...RECORDS.slice(0, 9), redaction]);
  const withheld = logOf(9);
  for (const files of [erased, withheld]) files.delete(`records/${digestOf(round)}.json`);
  const once = await lookAt([logOf(9), erased, erased]);
  assert.deepEqual(once.reports.map(kindsAt), [[], ['erased 9'], []]);
  assert.match(
    once.reports[1]!.alerts[0]!.message,
    /^the round record [0-9a-f]{64} of job breast-cancer was erased: asked for$/,
  );
  const again = await lookAt([logOf(9), withheld, withheld]);
  assert.deepEqual(again.reports.map(kindsAt), [[], ['withheld 4'], ['withheld 4']]);
});

test('changed files are not taken for a fork, and the monitor goes on when they are mended', async () => {
  const changed = logOf(9);
  const path = 'tile/entries/000.p/9';
  changed.set(
    path,
    changed.get(path)!.map((byte, i, all) => (i === all.length - 60 ? byte ^ 1 : byte)),
  );
  const { reports } = await lookAt([logOf(7), changed, logOf(9)], new LogMonitor());
  assert.deepEqual(reports.map(kindsAt), [[], ['changed'], []]);
  assert.equal(reports[2]!.size, 9);
});

test('the state is a file that is replaced whole; another file is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'blindsum-monitor-'));
  after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'state');
  const { state } = await lookAt([logOf(7)]);
  assert.equal(await readMonitorState(path), undefined);
  await writeMonitorState(path, state!);
  await writeMonitorState(path, { ...state!, size: 8 });
  assert.deepEqual(await readMonitorState(path), { ...state, size: 8 });
  assert.equal(state!.vkey, VKEY);
  for (const text of ['', '{}', (await readFile(path, 'utf8')).replace('"size": 8', '"size": -8')]) {
    await writeFile(path, utf8(text));
    await assert.rejects(readMonitorState(path), { code: 'CONFIG_INVALID' });
  }
  await assert.rejects(writeMonitorState(join(folder, 'nowhere/state'), state!), { code: 'UNAVAILABLE' });
});
