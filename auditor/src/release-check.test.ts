import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord, Predicate } from '@blindsum/proto/tlog';
import { fsck } from './fsck.ts';
import {
  createMapReader,
  hashOf,
  release,
  sampleRecords,
  SITES,
  VKEY,
  writeLog,
} from './sample-log.fixture.ts';

const RECORDS = sampleRecords();
const [first, second] = [SITES[0]!, SITES[1]!];

async function findingsOf(records: readonly LogRecord[]): Promise<string[]> {
  const { findings } = await fsck(createMapReader(writeLog(records)), VKEY);
  return findings.map(({ code, message }) => `${message} (${code})`);
}

function changed(record: LogRecord, changes: Partial<Predicate<'release'>>): LogRecord {
  return { kind: 'release', predicate: { ...(record.predicate as Predicate<'release'>), ...changes } };
}

const votesOf = (record: LogRecord) => (record.predicate as Predicate<'release'>).votes;

test('a model of a published round may be released with the votes of its threshold, or of more', async () => {
  assert.deepEqual(await findingsOf([...RECORDS, release(1)]), []);
  assert.deepEqual(await findingsOf([...RECORDS, release(0), release(1, SITES)]), []);
});

const good = release(1);
const LIES: Record<string, [record: LogRecord, finding: RegExp]> = {
  'of a round that is not published': [release(2), /round 2 is not in the log before it \(BAD_RECORD\)/],
  'of another model': [changed(good, { modelHash: hashOf('x') }), /another model than its round gave/],
  'of another file than its voters named': [
    changed(good, { fileDigest: hashOf('x') }),
    /a vote is about another fileDigest/,
  ],
  'of another manifest': [changed(good, { manifestHash: hashOf('x') }), /of another manifest/],
  'by another roster': [changed(good, { rosterHash: hashOf('x') }), /another roster than its round/],
  'with a lower threshold': [
    changed(release(1, [first]), { threshold: 1 }),
    /it needs 1 votes, its round 2 \(BAD_RECORD\)/,
  ],
  'with too few votes': [release(1, [first]), /1 members voted for it, 2 are needed \(TOO_FEW_APPROVALS\)/],
  'with one vote twice': [release(1, [first, first]), /one member is twice among the votes/],
  'with votes for the model of another round': [
    changed(good, { votes: votesOf(release(0)) }),
    /a vote is about another round/,
  ],
  "with a member's vote under another name": [
    changed(good, { votes: [votesOf(good)[0]!, { ...votesOf(good)[0]!, member: second.member }] }),
    /BAD_SIGNATURE/,
  ],
  'with the vote of somebody who is no member': [
    changed(good, { votes: [votesOf(good)[0]!, { ...votesOf(good)[1]!, member: hashOf('nobody') }] }),
    /NOT_A_MEMBER/,
  ],
};
for (const [lie, [record, finding]] of Object.entries(LIES))
  test(`a release is found out: one ${lie}`, async () => {
    const found = await findingsOf([...RECORDS, record]);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0]!, finding);
  });

test('a model is released once', async () => {
  const found = await findingsOf([...RECORDS, release(1), release(1, SITES)]);
  assert.match(found[0]!, /a second record of release of the model of round 1/);
});
