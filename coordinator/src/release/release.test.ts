import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, type Digest, type RefusalCode, type SiteId } from '@blindsum/proto';
import {
  ask,
  isAsked,
  NO_VOTES,
  toAvailable,
  toLogged,
  withoutVoter,
  withRefusal,
  withVote,
  type Release,
  type Vote,
} from './release.ts';

const [A, B, C] = ['site-a', 'site-b', 'site-c'] as [SiteId, SiteId, SiteId];
const FILE = 'ab'.repeat(32) as Digest;
const OTHER_FILE = 'cd'.repeat(32) as Digest;
const voteOf = (site: SiteId, fileDigest = FILE): Vote => ({
  ...{ site, fileDigest, payload: `vote of ${site} for ${fileDigest}`, signature: 'ab' },
});
const refusal = (code: RefusalCode) => (error: unknown) => error instanceof Refusal && error.code === code;
const after = (...votes: Vote[]): Release =>
  votes.reduce((release, vote) => withVote(release, vote, 2), NO_VOTES);
const logged = (): Release => {
  const agreed = after(voteOf(A), voteOf(B));
  assert(agreed.state === 'agreed');
  return toLogged(agreed);
};

test('a model is released by the vote that reaches the threshold, and not before', () => {
  assert.equal(after(voteOf(A)).state, 'voting');
  assert.deepEqual(after(voteOf(A), voteOf(B)), {
    state: 'agreed',
    fileDigest: FILE,
    votes: [voteOf(A), voteOf(B)],
  });
});

test('a vote that comes twice counts once, and one that comes late changes nothing', () => {
  assert.equal(after(voteOf(A), voteOf(A)).state, 'voting');
  const decided = after(voteOf(A), voteOf(B));
  assert.equal(withVote(decided, voteOf(A), 2), decided);
  assert.equal(withVote(decided, voteOf(C), 2), decided);
  const released = logged();
  assert.equal(withVote(released, voteOf(C, OTHER_FILE), 2), released);
});

test('another vote of a site in the place of its first is refused', () => {
  assert.throws(() => after(voteOf(A), voteOf(A, OTHER_FILE)), refusal('CONFLICTING_SUBMISSION'));
  const forged = { ...voteOf(A), signature: 'cd' };
  assert.throws(() => after(voteOf(A), forged), refusal('CONFLICTING_SUBMISSION'));
});

test('votes for different files do not add up, and the first one does not stand in the way', () => {
  const split = after(voteOf(A, OTHER_FILE), voteOf(B));
  assert.equal(split.state, 'voting');
  const decided = withVote(split, voteOf(C), 2);
  assert.deepEqual(decided, { state: 'agreed', fileDigest: FILE, votes: [voteOf(B), voteOf(C)] });
});

test('a site takes its vote back until the decision, and no longer', () => {
  const refused = withRefusal(after(voteOf(A)), { site: A, reason: 'not yet' });
  assert.deepEqual(refused, { state: 'voting', votes: [], refusals: [{ site: A, reason: 'not yet' }] });
  const again = withVote(refused, voteOf(A), 2);
  assert.deepEqual(again, { state: 'voting', votes: [voteOf(A)], refusals: [] });
  for (const decided of [after(voteOf(A), voteOf(B)), logged()])
    assert.throws(() => withRefusal(decided, { site: A, reason: 'too late' }), refusal('WRONG_PHASE'));
});

test('one voter at a time is asked for the file, the next one when its time has passed', () => {
  const first = ask(logged(), B, 1000);
  assert.ok(isAsked(first, B));
  assert.equal(ask(first, A, 1000), first);
  assert.equal(ask(first, B, 1_000_000), first);
  const second = ask(first, A, 61_000);
  assert.deepEqual([isAsked(second, A), isAsked(second, B)], [true, false]);
});

test('nobody is asked before the record is in the log, nor one who did not vote', () => {
  const agreed = after(voteOf(A), voteOf(B));
  assert.equal(ask(agreed, A, 1000), agreed);
  const released = logged();
  assert.equal(ask(released, C, 1000), released);
});

test('who brought another file is not asked again', () => {
  const wrong = withoutVoter(ask(logged(), A, 1000), A);
  assert.equal(ask(wrong, A, 1_000_000), wrong);
  assert.ok(isAsked(ask(wrong, B, 1000), B));
});

test('only the file of the one that was asked is taken', () => {
  const asked = ask(logged(), A, 1000);
  assert.equal(toAvailable(asked, B, {}), asked);
  const available = toAvailable(asked, A, { 'README.md': 'a model' });
  assert.equal(available.state, 'available');
  assert.equal(ask(available, B, 1_000_000), available);
  assert.equal(toAvailable(available, A, {}), available);
});
