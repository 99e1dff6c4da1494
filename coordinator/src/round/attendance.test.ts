import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteId } from '@blindsum/proto';
import { awaitedIn, contributorsOf, leftOutOf } from './attendance.ts';
import * as sample from './sample-rounds.fixture.ts';

const { A, B, C, D, E, SITES } = sample;
const OUTSIDER = 'f' as SiteId;
const ROSTER = [...SITES, OUTSIDER];

test('a round names its contributors from the first commitment on', () => {
  assert.deepEqual(contributorsOf(sample.COLLECTING), [A, B]);
  for (const round of [sample.SEALED, sample.SUMMED, sample.OPENING, sample.PUBLISHED]) {
    assert.deepEqual(contributorsOf(round), [A, B, C], round.phase);
  }
  assert.deepEqual(contributorsOf(sample.FAILED), []);
});

test('everyone in the roster is either a contributor or left out with a reason', () => {
  for (const round of [sample.SEALED, sample.SUMMED, sample.OPENING, sample.PUBLISHED]) {
    assert.deepEqual(leftOutOf(round, ROSTER), [
      { site: D, what: 'late' },
      { site: E, what: 'late' },
      { site: OUTSIDER, what: 'no-consent' },
    ]);
  }
  assert.deepEqual(leftOutOf(sample.COLLECTING, ROSTER), [{ site: OUTSIDER, what: 'no-consent' }]);
});

test('a member that has withdrawn is named so, and one that never consented is not', () => {
  const round = { ...sample.SEALED, rules: { ...sample.RULES, withdrawn: [OUTSIDER] } };
  const stranger = 'g' as SiteId;
  assert.deepEqual(leftOutOf(round, [...ROSTER, stranger]).slice(-2), [
    { site: OUTSIDER, what: 'withdrawn' },
    { site: stranger, what: 'no-consent' },
  ]);
});

test('a member that is revoked is named so, unless it has withdrawn before', () => {
  const other = 'g' as SiteId;
  const rules = { ...sample.RULES, withdrawn: [OUTSIDER], revoked: [OUTSIDER, other] };
  assert.deepEqual(leftOutOf({ ...sample.SEALED, rules }, [...ROSTER, other]).slice(-2), [
    { site: OUTSIDER, what: 'withdrawn' },
    { site: other, what: 'revoked' },
  ]);
});

test('a barred site is named while the round collects, and nobody waits for it', () => {
  const round = { ...sample.COLLECTING, rules: { ...sample.RULES, barred: [E] } };
  assert.deepEqual(leftOutOf(round, SITES), [{ site: E, what: 'late-before' }]);
  assert.deepEqual(
    awaitedIn(round).map(({ site }) => site),
    [C, D],
  );
});

test('a failed round says what it missed of whom', () => {
  assert.deepEqual(
    leftOutOf(sample.FAILED, ROSTER),
    [C, D, E].map((site) => ({ site, what: 'no commitment' })),
  );
});

test('each phase names the sites it waits for', () => {
  const awaited = (round: Parameters<typeof awaitedIn>[0]) =>
    awaitedIn(round).map(({ site, what }) => `${site} ${what}`);
  assert.deepEqual(awaited(sample.COLLECTING), ['c commitment', 'd commitment', 'e commitment']);
  assert.deepEqual(awaited(sample.apply(sample.SEALED, sample.acknowledge(B))), [
    'a acknowledgement',
    'c acknowledgement',
  ]);
  assert.deepEqual(awaited(sample.apply(sample.SUMMED, sample.checksum(A))), ['b checksum', 'c checksum']);
  assert.deepEqual(awaited(sample.apply(sample.OPENING, sample.open(A))), [
    'b opening',
    'c opening',
    'd opening',
    'e opening',
  ]);
  assert.deepEqual(awaited(sample.apply(sample.COMPLETE, sample.attest(D))), [
    'a attestation',
    'b attestation',
    'c attestation',
  ]);
  assert.deepEqual(awaited(sample.PUBLISHED), []);
  assert.deepEqual(awaited(sample.FAILED), []);
});
