// The records that vouch for the trail of administrative actions, among those of rounds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '@blindsum/proto';
import { encodeRecord, recordDigest, type LogRecord, type Predicate } from '@blindsum/proto/tlog';
import { fsck } from './fsck.ts';
import { createMapReader, hashOf, sampleRecords, VKEY, writeLog } from './sample-log.fixture.ts';

const [CHARTER, ...ROUNDS] = sampleRecords() as [LogRecord, ...LogRecord[]];

function administration(
  from: number,
  to: number,
  previousRecord: Digest | '',
  root = hashOf(`${from}`),
): LogRecord & { readonly kind: 'administration' } {
  const predicate: Predicate<'administration'> = { from, to, count: to - from + 1, root, previousRecord };
  return { kind: 'administration', predicate };
}

const digestOf = (record: LogRecord) => recordDigest(encodeRecord(record));
const FIRST = administration(1, 3, '');
const SECOND = administration(4, 4, digestOf(FIRST));

async function findings(records: readonly LogRecord[]): Promise<string[]> {
  const report = await fsck(createMapReader(writeLog([CHARTER, ...records])), VKEY);
  return report.findings.map(({ entry, message, code }) => `entry ${entry}: ${message} (${code})`);
}

test('ranges of the trail that join are in order, wherever they stand', async () => {
  assert.deepEqual(await findings([FIRST, ...ROUNDS, SECOND]), []);
});

const LIES: Record<string, [records: LogRecord[], finding: RegExp]> = {
  'the first entries left out': [
    [administration(2, 3, '')],
    /entry 1: .*begins at entry 2 of the trail, not at 1/,
  ],
  'entries left out': [
    [FIRST, administration(5, 6, digestOf(FIRST))],
    /entry 2: .*begins at entry 5 of the trail, not at 4/,
  ],
  'an entry vouched for twice': [
    [FIRST, administration(3, 4, digestOf(FIRST))],
    /entry 2: .*begins at entry 3 of the trail, not at 4/,
  ],
  'the trail begun anew': [
    [FIRST, administration(1, 3, '', hashOf('other'))],
    /entry 2: a second record of administration from entry 1 on/,
  ],
  'another record before': [
    [FIRST, administration(4, 4, hashOf('x'))],
    /entry 2: .*does not name the record/,
  ],
  'no record before': [[FIRST, administration(4, 4, '')], /entry 2: .*does not name the record/],
};
for (const [lie, [records, finding]] of Object.entries(LIES))
  test(`it is found: ${lie}`, async () => {
    assert.match((await findings(records)).join('\n'), finding);
  });

test('a record whose count is another is no record', async () => {
  const { predicate } = FIRST;
  const wrong: LogRecord = { kind: 'administration', predicate: { ...predicate, count: 2 } };
  assert.match((await findings([wrong])).join('\n'), /count is not that of from to to/);
});
