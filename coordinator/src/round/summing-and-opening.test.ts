import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Q } from '@blindsum/proto';
import type { Failed, Opening, Published, Round, RoundEvent, Summed } from './round.ts';
import * as sample from './sample-rounds.fixture.ts';
import { transition } from './transition.ts';

const { A, B, C, D, E, RULES, apply, attest, checksum, deadline, hex, open } = sample;

test('checksums that add up to that of the sum open the round, modulo q', () => {
  const wrapping: [string, string] = [hex(Q - 1n), hex(Q - 2n)];
  const sum = { ...sample.SUM, checksums: [hex(1), hex(2)] as const };
  const summed: Summed = { ...(sample.SUMMED as Summed), sum };
  const round = [checksum(A), checksum(B), checksum(C, wrapping)].reduce(apply, summed);
  assert.equal(round.phase, 'opening');
});

test('a sum that lost or doubled a member fails, whichever repetition shows it', () => {
  for (const values of [
    [hex(1), hex(3)],
    [hex(0), hex(2)],
  ] as const) {
    const round = [checksum(A), checksum(B), checksum(C, [...values])].reduce(apply, sample.SUMMED) as Failed;
    assert.equal(round.reason, 'CHECKSUM_MISMATCH');
    assert.equal(round.mayHaveOpened, false);
  }
});

test('a checksum is refused for a site that is not in the set, for other roots, and unless it is a residue', () => {
  refuses(sample.SUMMED, checksum(D), 'NOT_A_CONTRIBUTOR');
  refuses(sample.SUMMED, { ...checksum(A), setRoot: sample.digestOf(5) } as RoundEvent, 'WRONG_CONTEXT');
  refuses(sample.SUMMED, { ...checksum(A), sumRoot: sample.digestOf(5) } as RoundEvent, 'WRONG_CONTEXT');
  refuses(sample.SUMMED, checksum(A, [hex(1), hex(Q)]), 'BAD_CHECKSUM');
});

test('a checksum that is sent again changes nothing, other values in its place are refused', () => {
  const once = apply(sample.SUMMED, checksum(A));
  assert.equal(apply(once, checksum(A)), once);
  refuses(once, checksum(A, [hex(1), hex(3)]), 'CONFLICTING_SUBMISSION');
});

test('a proxy signs only for contributors that are gone, and only after their deadline', () => {
  const proxy = checksum(C, sample.valuesOf(C), E);
  refuses(sample.SUMMED, proxy, 'WRONG_PHASE');
  const two = [checksum(A), checksum(B)].reduce(apply, sample.SUMMED);
  const asking = apply(two, deadline('checksums')) as Summed;
  assert.deepEqual(asking.proxiesWanted, [C]);
  assert.equal(asking.deadline.ends, 'proxies');
  refuses(asking, checksum(A, sample.valuesOf(A), E), 'WRONG_PHASE');
  assert.equal(apply(asking, proxy).phase, 'opening');
  assert.equal(apply(asking, checksum(C)).phase, 'opening');
});

test('a second proxy with the same values changes nothing, one with others is refused', () => {
  const asking = apply(apply(sample.SUMMED, checksum(A)), deadline('checksums'));
  const once = apply(asking, checksum(C, sample.valuesOf(C), E));
  assert.equal(apply(once, checksum(C, sample.valuesOf(C), D)), once);
  assert.equal(apply(once, checksum(C)), once);
  refuses(once, checksum(C, [hex(1), hex(3)], D), 'CONFLICTING_SUBMISSION');
});

test('a checksum that nobody signs fails the round and names its contributor', () => {
  const asking = apply(apply(sample.SUMMED, checksum(A)), deadline('checksums'));
  const failed = apply(apply(asking, checksum(B)), deadline('proxies')) as Failed;
  assert.equal(failed.reason, 'CHECKSUM_MISSING');
  assert.deepEqual(failed.findings, [{ site: C, what: 'no checksum' }]);
  assert.equal(failed.mayHaveOpened, false);
});

test('openings are complete with all members and T sites; not before', () => {
  const three = [A, B, C].map((site) => open(site)).reduce(apply, sample.OPENING) as Opening;
  assert.equal(three.complete, false);
  const without = [A, B, D, E].map((site) => open(site)).reduce(apply, sample.OPENING) as Opening;
  assert.equal(without.complete, false);
  const { round } = transition(three, open(D), 3);
  assert.equal((round as Opening).complete, true);
  assert.deepEqual((round as Opening).deadline, { ends: 'attestations', atMs: 3 + RULES.waits.attestMs });
});

test('at the deadline T openings are enough, also without a member', () => {
  const round = [A, B, D, E].map((site) => open(site)).reduce(apply, sample.OPENING);
  assert.equal((apply(round, deadline('openings')) as Opening).complete, true);
});

test('once T openings or attestations are in, the others have a quarter of the time', () => {
  const { openMs, attestMs } = RULES.waits;
  const three = [A, B, D].map((site) => open(site)).reduce(apply, sample.OPENING) as Opening;
  assert.equal(three.deadline.atMs, (sample.OPENING as Opening).deadline.atMs);
  const four = transition(three, open(E), 50).round as Opening;
  assert.deepEqual(four.deadline, { ends: 'openings', atMs: 50 + openMs / 4 });
  const late = transition(three, open(E), three.deadline.atMs - 1).round as Opening;
  assert.equal(late.deadline.atMs, three.deadline.atMs);
  const opened = apply(sample.COMPLETE, open(E));
  const attested = [A, B, C].map((site) => attest(site)).reduce(apply, opened);
  const enough = transition(attested, attest(D), 60).round as Opening;
  assert.deepEqual(enough.deadline, { ends: 'attestations', atMs: 60 + attestMs / 4 });
});

test('without any opening the round fails at the deadline, and may be attempted again', () => {
  const failed = apply(sample.OPENING, deadline('openings')) as Failed;
  assert.equal(failed.reason, 'TOO_FEW_OPENINGS');
  assert.equal(failed.mayHaveOpened, false);
  assert.deepEqual(
    failed.findings.map(({ site }) => site),
    sample.SITES,
  );
});

test('from the first opening on, the set waits for its sites long after the deadline', () => {
  for (const openers of [[A], [A, B, C]]) {
    const round = openers.map((site) => open(site)).reduce(apply, sample.OPENING) as Opening;
    const carried = apply(round, deadline('openings')) as Opening;
    assert.equal(carried.phase, 'opening');
    const atMs = round.deadline.atMs + RULES.waits.carryMs;
    assert.deepEqual(carried.deadline, { ends: 'carried openings', atMs });
    assert.equal(apply(carried, deadline('openings')), carried);
    const late = [A, B, C, D].map((site) => open(site)).reduce(apply, carried) as Opening;
    assert.equal(late.complete, true);
    assert.equal(late.deadline.ends, 'attestations');
  }
});

test('a carried set that too few sites open fails for good, and says who is missing', () => {
  const round = [A, B, C].map((site) => open(site)).reduce(apply, sample.OPENING);
  const failed = apply(apply(round, deadline('openings')), deadline('carried openings')) as Failed;
  assert.equal(failed.reason, 'TOO_FEW_OPENINGS');
  assert.equal(failed.mayHaveOpened, true);
  assert.deepEqual(
    failed.findings.map(({ site }) => site),
    [D, E],
  );
});

test('an opening names the set and the sum; the same again changes nothing, another is refused', () => {
  refuses(sample.OPENING, { ...open(A), setRoot: sample.digestOf(5) } as RoundEvent, 'WRONG_CONTEXT');
  refuses(sample.OPENING, { ...open(A), sumRoot: sample.digestOf(5) } as RoundEvent, 'WRONG_CONTEXT');
  const once = apply(sample.OPENING, open(A));
  assert.equal(apply(once, open(A)), once);
  refuses(once, open(A, 1), 'CONFLICTING_SUBMISSION');
});

test('an opening that comes late is kept and moves no deadline', () => {
  const late = transition(sample.COMPLETE, open(E), 100).round as Opening;
  assert.ok(late.openings[E]);
  assert.deepEqual(late.deadline, (sample.COMPLETE as Opening).deadline);
});

test('an attestation names the set and the sum, and waits for the openings', () => {
  refuses(sample.OPENING, attest(A), 'WRONG_PHASE');
  refuses(sample.COMPLETE, { ...attest(A), setRoot: sample.digestOf(5) } as RoundEvent, 'WRONG_CONTEXT');
  refuses(sample.COMPLETE, { ...attest(A), sumRoot: sample.digestOf(5) } as RoundEvent, 'WRONG_CONTEXT');
});

test('an attestation that is sent again changes nothing, another result of the site is refused', () => {
  const once = apply(sample.COMPLETE, attest(A));
  assert.equal(apply(once, attest(A)), once);
  refuses(once, attest(A, 2), 'CONFLICTING_SUBMISSION');
});

test('the round is published once every site that opened attests the same', () => {
  const three = [A, B, C].map((site) => attest(site)).reduce(apply, sample.COMPLETE);
  assert.equal(three.phase, 'opening');
  const { round, effects } = transition(three, attest(D), 0);
  const { modelHash, attestations } = round as Published;
  assert.equal(modelHash, sample.digestOf(701));
  assert.deepEqual(Object.keys(attestations), [A, B, C, D]);
  assert.deepEqual(effects, [{ kind: 'log-published' }, { kind: 'advance-job' }]);
});

test('a site that opened but does not attest holds the round up until the deadline only', () => {
  const opened = apply(sample.COMPLETE, open(E));
  const waiting = [A, B, C, D].map((site) => attest(site)).reduce(apply, opened);
  assert.equal(waiting.phase, 'opening');
  assert.equal(apply(waiting, deadline('attestations')).phase, 'published');
});

test('too few attestations are waited for long after the deadline, and then enough publish at once', () => {
  const opened = apply(sample.COMPLETE, open(E));
  const three = [A, B, C].map((site) => attest(site)).reduce(apply, opened);
  const carried = apply(three, deadline('attestations')) as Opening;
  assert.equal(carried.deadline.ends, 'carried attestations');
  assert.equal(apply(carried, attest(D)).phase, 'published');
});

test('too few attestations after that fail the round for good', () => {
  const three = [A, B, C].map((site) => attest(site)).reduce(apply, sample.COMPLETE);
  for (const round of [three, sample.COMPLETE]) {
    const carried = apply(round, deadline('attestations'));
    const failed = apply(carried, deadline('carried attestations')) as Failed;
    assert.equal(failed.reason, 'TOO_FEW_ATTESTATIONS');
    assert.equal(failed.mayHaveOpened, true);
  }
});

test('two results fail the round at once, and it says who attested what', () => {
  const failed = [attest(A), attest(B), attest(C, 2)].reduce(apply, sample.COMPLETE) as Failed;
  assert.equal(failed.reason, 'MODEL_DISAGREEMENT');
  assert.deepEqual(failed.findings, [
    { site: A, what: 'attested 00000259' },
    { site: B, what: 'attested 00000259' },
    { site: C, what: 'attested 0000025a' },
  ]);
  assert.match(failed.detail, /c: attested/);
  assert.equal(failed.mayHaveOpened, true);
});

test('after publication the result may be attested again or late, and nothing else', () => {
  assert.equal(apply(sample.PUBLISHED, attest(A)), sample.PUBLISHED);
  assert.equal(apply(sample.PUBLISHED, attest(E)), sample.PUBLISHED);
  refuses(sample.PUBLISHED, attest(E, 2), 'WRONG_PHASE');
});

function refuses(round: Round, event: RoundEvent, code: string): void {
  assert.throws(() => apply(round, event), { code });
}
