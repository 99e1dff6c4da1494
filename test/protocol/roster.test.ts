import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeArchiveMembers,
  memberFingerprint,
  memberPseudonym,
  outlineHash,
  parseArchiveMembers,
  rosterHash,
  toRosterOutline,
  utf8,
  type SiteId,
} from '@blindsum/proto';
import { createTestFederation, createTestSite } from '../fixtures/federation.ts';

const { roster } = createTestFederation();
const [first, ...others] = roster.members;

test('whoever reads the log computes the hash of a roster, and learns no name and no sharing key', () => {
  const outline = toRosterOutline(roster);
  assert.equal(outlineHash(outline), rosterHash(roster));
  const text = JSON.stringify(outline);
  for (const { site, sharingKey } of roster.members) {
    assert.ok(!text.includes(site));
    assert.ok(!text.includes(sharingKey.slice(0, 64)));
  }
});

test('the hash of a roster binds names, keys, order, version, federation and the version before', () => {
  const stranger = createTestSite('hospital-z').member;
  const swapped = [
    { ...first!, site: 'hospital-z' as SiteId },
    { ...first!, signingKey: stranger.signingKey },
    { ...first!, sharingKey: stranger.sharingKey },
  ];
  const changed = [
    ...swapped.map((member) => ({ ...roster, members: [member, ...others] })),
    { ...roster, members: roster.members.toReversed() },
    { ...roster, members: others },
    { ...roster, version: 2 },
    { ...roster, federation: 'other.example' },
    { ...roster, previous: 'ab'.repeat(32) },
  ];
  const hashes = new Set([roster, ...changed].map(rosterHash));
  assert.equal(hashes.size, changed.length + 1);
});

test('the fingerprint that people compare begins the digest that the log shows', () => {
  const { memberDigest } = toRosterOutline(roster).members[0]!;
  assert.equal(memberFingerprint(first!).replaceAll('-', ''), memberDigest.slice(0, 40));
});

test('an archive says which site a pseudonym is, also of members that have left', () => {
  const names = parseArchiveMembers(encodeArchiveMembers([...roster.members, ...roster.members]));
  assert.deepEqual(
    [...names].sort(),
    roster.members.map((member) => [memberPseudonym(member), member.site] as const).sort(),
  );
});

for (const [defect, text] of Object.entries({
  'a name that leads out of the archive': `{"format":"blindsum-archive-members/v1","members":{"${'ab'.repeat(32)}":"../x"}}`,
  'a member that is no pseudonym': '{"format":"blindsum-archive-members/v1","members":{"x":"hospital-a"}}',
  'another format': '{"format":"blindsum-archive-members/v2","members":{}}',
  'no JSON': 'x',
}))
  test(`an archive's members with ${defect} are refused`, () => {
    assert.throws(() => parseArchiveMembers(utf8(text)), { code: 'MALFORMED' });
  });
