import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setRootOfLeaves } from '@blindsum/proto';
import { createRound } from './create-round.ts';
import type { Failed, Round, RoundEvent, Sealed } from './round.ts';
import * as sample from './sample-rounds.fixture.ts';
import { transition } from './transition.ts';

const { A, B, C, D, E, RULES, apply, acknowledge, commit, complain, deadline, summed } = sample;

test('when the minimum is in, the others have the grace period, and it does not start anew', () => {
  const third = collectAt([A, 0], [B, 0], [C, 10]);
  assert.equal(third.deadline.atMs, 10 + RULES.waits.graceMs);
  assert.equal(collectAt([A, 0], [B, 0], [C, 10], [D, 50]).deadline.atMs, 10 + RULES.waits.graceMs);
});

test('the grace period never makes a deadline later', () => {
  assert.equal(collectAt([A, 0], [B, 0], [C, 950]).deadline.atMs, RULES.waits.collectMs);
});

test('a commitment that is sent again changes nothing, another in its place is refused', () => {
  assert.equal(apply(sample.COLLECTING, commit(A)), sample.COLLECTING);
  refuses(sample.COLLECTING, commit(A, 1), 'CONFLICTING_SUBMISSION');
  assert.equal(apply(sample.SEALED, commit(A)), sample.SEALED);
  refuses(sample.SEALED, commit(A, 1), 'WRONG_PHASE');
});

test('when all sites are in, the set is sealed at once: logged first, then summed', () => {
  const fourth = sample.collectingFrom([E, D, C, B]);
  const { round, effects } = transition(fourth, commit(A), 5);
  const { set, deadline: next } = round as Sealed;
  assert.deepEqual(set.members, sample.SITES);
  assert.deepEqual(set.excluded, []);
  assert.equal(set.root, setRootOfLeaves(sample.SITES.map((site) => fourthDigest(round as Sealed, site))));
  assert.deepEqual(effects, [
    { kind: 'log-sealed', set },
    { kind: 'sum', set },
  ]);
  assert.deepEqual(next, { ends: 'acknowledgements', atMs: 5 + RULES.waits.acknowledgeMs });
});

test('at the deadline the sites that are in are sealed in roster order, and the others are named late', () => {
  const { set } = apply(sample.collectingFrom([D, A, C]), deadline('collecting')) as Sealed;
  assert.deepEqual(set.members, [A, C, D]);
  assert.deepEqual(set.excluded, [
    { site: B, reason: 'late' },
    { site: E, reason: 'late' },
  ]);
});

test('a site that is barred is not waited for, its update is refused, and it is named', () => {
  const rules = { ...RULES, barred: [B, E] };
  const two = sample.play([commit(A), commit(C)], rules);
  refuses(two, commit(B), 'NOT_A_CONTRIBUTOR');
  const { phase, set } = apply(two, commit(D)) as Sealed;
  assert.equal(phase, 'sealed');
  assert.deepEqual(set.members, [A, C, D]);
  assert.deepEqual(
    set.excluded,
    [B, E].map((site) => ({ site, reason: 'late-before' })),
  );
});

test('fewer contributors than the minimum are never sealed: the round fails and says who is missing', () => {
  const { round, effects } = transition(sample.COLLECTING, deadline('collecting'), RULES.waits.collectMs);
  assert.deepEqual(round, {
    phase: 'failed',
    rules: RULES,
    phases: [
      { phase: 'collecting', atMs: 0 },
      { phase: 'failed', atMs: RULES.waits.collectMs },
    ],
    reason: 'TOO_FEW_CONTRIBUTORS',
    detail: '2 of at least 3 contributors (c: no commitment, d: no commitment, e: no commitment)',
    findings: [C, D, E].map((site) => ({ site, what: 'no commitment' })),
    mayHaveOpened: false,
  });
  assert.deepEqual(effects, [{ kind: 'log-failed' }, { kind: 'advance-job' }]);
});

test('a set of nobody is never sealed, whatever the minimum', () => {
  const round = createRound({ ...RULES, minimum: 0 }, 0);
  assert.equal(apply(round, deadline('collecting')).phase, 'failed');
});

test('a complaint seals a smaller set, which starts without acknowledgements and without a sum', () => {
  const full = apply(apply(sealedWith(sample.SITES), summed(FULL)), acknowledge(B, FULL));
  const { round, effects } = transition(full, complain(C, [D, A], FULL), 7);
  const { set, acknowledgements, sum, deadline: next } = round as Sealed;
  assert.deepEqual(set.members, [B, C, E]);
  assert.deepEqual(set.excluded, [
    { site: A, reason: 'bad-share' },
    { site: D, reason: 'bad-share' },
  ]);
  assert.equal(set.setAttempt, 2);
  assert.equal(set.root, sample.setOf([B, C, E]).root);
  assert.deepEqual([acknowledgements, sum], [{}, undefined]);
  assert.deepEqual(next, { ends: 'acknowledgements', atMs: 7 + RULES.waits.acknowledgeMs });
  assert.deepEqual(effects, [
    { kind: 'log-sealed', set },
    { kind: 'sum', set },
  ]);
});

test('a smaller set keeps the reason for which each site is not in it', () => {
  const late = sealedWith([A, B, C, D]);
  const { set } = apply(late, complain(E, [C], late.set)) as Sealed;
  assert.deepEqual(set.excluded, [
    { site: C, reason: 'bad-share' },
    { site: E, reason: 'late' },
  ]);
});

test('a complaint that leaves fewer than the minimum fails the round and names the dealers', () => {
  const failed = apply(sample.SEALED, complain(D, [B])) as Failed;
  assert.equal(failed.reason, 'TOO_FEW_CONTRIBUTORS');
  assert.deepEqual(failed.findings[0], { site: B, what: 'bad-share' });
  assert.equal(failed.mayHaveOpened, false);
});

test('a complaint about dealers that are out already changes nothing, also if it names an earlier set', () => {
  const smaller = apply(sealedWith(sample.SITES), complain(C, [D], FULL));
  assert.equal(apply(smaller, complain(C, [D], FULL)), smaller);
  assert.equal(apply(smaller, complain(B, [D], FULL)), smaller);
});

test('acknowledgements and complaints that name an earlier set are refused', () => {
  const smaller = apply(sealedWith(sample.SITES), complain(C, [D], FULL));
  refuses(smaller, acknowledge(A, FULL), 'WRONG_PHASE');
  refuses(smaller, complain(C, [A], FULL), 'WRONG_PHASE');
});

test('a site cannot complain about itself, nor about a set it has acknowledged', () => {
  refuses(sample.SEALED, complain(A, [A]), 'MALFORMED');
  refuses(apply(sample.SEALED, acknowledge(A)), complain(A, [B]), 'CONFLICTING_SUBMISSION');
});

test('an acknowledgement that is sent again changes nothing, another in its place is refused', () => {
  const once = apply(sample.SEALED, acknowledge(A));
  assert.equal(apply(once, acknowledge(A)), once);
  refuses(once, acknowledge(A, sample.SET, 1), 'CONFLICTING_SUBMISSION');
});

test('the round moves on with the sum, every member and T sites; none of them alone is enough', () => {
  const everybody = [A, B, C, D].map((site) => acknowledge(site));
  assert.equal(playOn(everybody).phase, 'sealed');
  assert.equal(playOn([summed(), ...everybody.slice(0, 3)]).phase, 'sealed');
  assert.equal(playOn([summed(), ...[A, B, D, E].map((site) => acknowledge(site))]).phase, 'sealed');
  assert.equal(playOn([summed(), ...everybody]).phase, 'summed');
  assert.equal(playOn([...everybody, summed()]).phase, 'summed');
});

test('the sum of another set is ignored, and so is a second one', () => {
  assert.equal(apply(sample.SEALED, summed(FULL)), sample.SEALED);
  const once = apply(sample.SEALED, summed());
  assert.equal(apply(once, summed()), once);
});

test('at the deadline T acknowledgements are enough, also without a member', () => {
  const round = playOn([summed(), ...[A, B, D, E].map((site) => acknowledge(site))]);
  assert.equal(apply(round, deadline('acknowledgements')).phase, 'summed');
});

test('at the deadline with enough acknowledgements the round waits for the sum, which then moves it on', () => {
  const round = playOn([A, B, D, E].map((site) => acknowledge(site))) as Sealed;
  assert.equal(apply(round, deadline('acknowledgements')), round);
  const late = transition(round, summed(), round.deadline.atMs).round;
  assert.equal(late.phase, 'summed');
});

test('too few acknowledgements at the deadline fail the round, with a sum or without', () => {
  for (const before of [sample.SEALED, playOn([summed()])]) {
    const three = [A, B, C].map((site) => acknowledge(site)).reduce(apply, before);
    const failed = apply(three, deadline('acknowledgements')) as Failed;
    assert.equal(failed.reason, 'TOO_FEW_ACKNOWLEDGEMENTS');
    assert.deepEqual(
      failed.findings,
      [D, E].map((site) => ({ site, what: 'no acknowledgement' })),
    );
    assert.equal(failed.mayHaveOpened, false);
  }
});

const FULL = sample.setOf(sample.SITES);

function collectAt(...arrivals: [typeof A, number][]) {
  const round = arrivals.reduce<Round>(
    (before, [site, nowMs]) => transition(before, commit(site), nowMs).round,
    createRound(RULES, 0),
  );
  assert(round.phase === 'collecting');
  return round;
}

function sealedWith(sites: readonly (typeof A)[]): Sealed {
  const round = sample.play(sites.map((site) => commit(site)));
  return (round.phase === 'sealed' ? round : apply(round, deadline('collecting'))) as Sealed;
}

function playOn(events: readonly RoundEvent[]): Round {
  return events.reduce(apply, sample.SEALED);
}

function fourthDigest(round: Sealed, site: typeof A) {
  const contribution = round.contributions[site];
  assert(contribution);
  return contribution.digest;
}

function refuses(round: Round, event: RoundEvent, code: string): void {
  assert.throws(() => apply(round, event), { code });
}
