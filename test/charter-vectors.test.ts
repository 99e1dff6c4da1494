// The vectors of test/vectors/charter.json: charters and amendments are read as they are written, others refused, and policies follow.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { utf8 } from '@blindsum/proto';
import {
  cosigningSchema,
  encodeRecord,
  encodeTlogPolicy,
  parseRecord,
  parseVkey,
  recordDigest,
  recordName,
  toLogPolicy,
} from '@blindsum/proto/tlog';

const file = new URL('vectors/charter.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
  good: { name: string; recordName: string; digest: string; payload: string }[];
  bad: { defect: string; payload: string }[];
  policies: { name: string; log: string; members: string[]; cosigning: unknown; policy: string }[];
};

for (const { name, recordName: expected, digest, payload } of vectors.good) {
  test(`it is read as it is written: ${name}`, () => {
    const record = parseRecord(utf8(payload));
    assert.deepEqual([recordName(record), recordDigest(utf8(payload))], [expected, digest]);
    assert.deepEqual(encodeRecord(record), utf8(payload));
  });
}

for (const { defect, payload } of vectors.bad)
  test(`it is refused: ${defect}`, () => {
    assert.equal(
      vectors.good.some((good) => good.payload === payload),
      false,
    );
    assert.throws(() => parseRecord(utf8(payload)), { code: 'MALFORMED' });
  });

for (const { name, log, members, cosigning, policy } of vectors.policies) {
  test(`the policy follows from rule and roster: ${name}`, () => {
    const rule = cosigningSchema.parse(cosigning);
    const roster = members.map((signingKey) => ({ signingKey }));
    assert.equal(encodeTlogPolicy(toLogPolicy({ logKey: parseVkey(log), members: roster, rule })), policy);
  });
}
