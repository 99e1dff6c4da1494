import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, SiteId } from './identifiers.ts';
import type { Member, Roster } from './roster.ts';
import { describeMissing, missingApprovals, rosterChanges, rosterQuorum } from './roster-chain.ts';

const member = (site: string, key = site): Member => ({
  site: site as SiteId,
  signingKey: key,
  sharingKey: key,
});
const chained = (...members: Member[]) => ({
  roster: { federation: 'test.example', version: 1, previous: '', members } satisfies Roster,
  hash: '' as Digest,
});

test('two quorums of the members of one roster share an honest one, whoever a third of them favours', () => {
  for (let members = 2; members <= 1024; members++) {
    const dishonest = Math.floor((members - 1) / 3);
    assert.ok(2 * rosterQuorum(members) - members > dishonest, `${members} members`);
    assert.ok(rosterQuorum(members) <= members);
    // Members that are merely silent, as many as may be dishonest, keep nobody from going on.
    assert.ok(members < 4 || rosterQuorum(members) <= members - dishonest);
  }
});

test('the changes of a step are told by name and key', () => {
  const previous = chained(member('a'), member('b'), member('c'));
  const next = chained(member('a', 'other'), member('c'), member('d'));
  const { joins, leaves, changes } = rosterChanges({ previous, next });
  assert.deepEqual(joins, [member('d')]);
  assert.deepEqual(leaves, [member('b')]);
  assert.deepEqual(changes, [{ before: member('a'), after: member('a', 'other') }]);
});

test('what a step lacks is told in words', () => {
  const step = {
    previous: chained(member('a'), member('b'), member('c')),
    next: chained(member('a'), member('d')),
  };
  const approval = (site: string) => ({ site: site as SiteId, signingKey: site });
  assert.equal(describeMissing(missingApprovals(step, [])), 'the approval of d, and of 2 more of a, b, c');
  assert.equal(describeMissing(missingApprovals(step, [approval('d')])), 'the approval of 2 more of a, b, c');
  assert.equal(describeMissing(missingApprovals(step, ['a', 'c'].map(approval))), 'the approval of d');
});
