import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  concat,
  encodeTrailEntry,
  parseTrail,
  trailEntryHash,
  trailRoot,
  utf8,
  type Bytes,
  type TrailEntry,
} from '@blindsum/proto';
import type { LogRecord } from '@blindsum/proto/tlog';
import { createMapReader, hashOf, sampleRecords, VKEY, writeLog } from './sample-log.fixture.ts';
import { toTrailText, verifyTrail } from './verify-trail.ts';

const LINES: Bytes[] = [];
for (const action of ['site.admit', 'job.submit', 'key.create']) {
  const last = LINES.at(-1);
  const entry: TrailEntry = {
    ...{
      sequence: LINES.length + 1,
      previous: last ? trailEntryHash(last) : '',
      salt: '00'.repeat(16),
      atMs: 1,
    },
    ...{ actor: { kind: 'local', user: 'root' }, from: 'admin.sock', action, subject: '', detail: '' },
    ...{ outcome: 'done', code: '', completes: 0 },
  };
  LINES.push(encodeTrailEntry(entry));
}
const toExport = (lines: readonly Bytes[]) => concat(...lines.flatMap((line) => [line, utf8('\n')]));
const root = trailRoot(
  parseTrail(toExport(LINES))
    .slice(0, 2)
    .map(({ hash }) => hash),
);
const record: LogRecord = {
  kind: 'administration',
  predicate: { from: 1, to: 2, count: 2, root, previousRecord: '' },
};
const RECORDS = sampleRecords();

const verify = (records: readonly LogRecord[], lines: readonly Bytes[]) =>
  verifyTrail(createMapReader(writeLog([...records])), toExport(lines), VKEY);

test('the log vouches for a trail, and what it has yet to vouch for is counted', async () => {
  const report = await verify([...RECORDS, record], LINES);
  assert.deepEqual([report.ok, report.coverage], [true, { covered: 2, uncovered: 1, missing: 0 }]);
  assert.match(toTrailText(report), /^OK: the log log\.example\.org vouches for 2 entries/);
});

test('a trail that is not the one in the log is found', async () => {
  const changed = [...LINES.slice(0, 1), LINES[1]!.map((byte, i) => (i === 12 ? byte ^ 1 : byte))];
  const other: LogRecord = { ...record, predicate: { ...record.predicate, root: hashOf('other') } };
  for (const [records, lines] of [
    [[...RECORDS, record], LINES.slice(0, 1)],
    [[...RECORDS, record], []],
    [[...RECORDS, record], changed],
    [[...RECORDS, other], LINES],
    [[...RECORDS, { ...record, predicate: { ...record.predicate, from: 2, count: 1 } }], LINES],
  ] as [LogRecord[], Bytes[]][]) {
    const report = await verify(records, lines);
    assert.equal(report.ok, false);
    assert.match(toTrailText(report), /^FAILED: /);
  }
});

test('a log that was changed vouches for nothing', async () => {
  const files = writeLog([...RECORDS, record]);
  const bundle = [...files.keys()].filter((path) => path.startsWith('tile/entries/')).at(-1)!;
  files.set(
    bundle,
    files.get(bundle)!.map((byte, i) => (i === 300 ? byte ^ 1 : byte)),
  );
  const report = await verifyTrail(createMapReader(files), toExport(LINES), VKEY);
  assert.deepEqual([report.ok, report.coverage], [false, undefined]);
});
