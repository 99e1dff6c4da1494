// Who takes part in an attempt, and under which roster: what the coordinator must have logged before, and what must follow from the
// attempt before (PROTOCOL.md section 6).
import assert from 'node:assert/strict';
import { memberOf, memberPseudonym, type Digest, type Roster, type SiteId } from '@blindsum/proto';
import type { StoredRound } from '../../coordinator/src/ports.ts';
import type { Watched } from './watched.ts';

/** Checks an attempt that has just been made; `rounds` are all attempts of its job so far, in their order. */
export async function checkMembers(
  world: Watched,
  stored: StoredRound,
  rounds: readonly StoredRound[],
): Promise<void> {
  const { rules } = stored.round;
  const { roster, manifest } = await world.documentUnder(rules.rosterHash);
  const names = roster.members.map(({ site }) => site);
  for (const sites of [rules.sites, rules.withdrawn])
    assert.deepEqual(
      sites,
      names.filter((site) => sites.includes(site)),
      'not members, in roster order',
    );
  assert.ok(
    rules.sites.every((site) => !rules.withdrawn.includes(site)),
    'a site has withdrawn and counts',
  );
  checkSizes(rules, names.length, manifest);
  checkLogged(world, stored, roster);
  const before = rounds[rounds.findIndex(({ id }) => id === stored.id) - 1];
  if (before) await checkSuccession(world, stored, before);
}

/** Two sets of one round can never both be opened, whichever roster it goes by. */
function checkSizes(
  { threshold, minimum }: StoredRound['round']['rules'],
  members: number,
  manifest: Awaited<ReturnType<Watched['documentUnder']>>['manifest'],
): void {
  const { contributors } = manifest;
  const least = Math.floor((members + contributors.tolerated) / 2) + 1;
  assert.equal(threshold, Math.max(manifest.threshold, least), 'the threshold is not that of its roster');
  assert.equal(minimum, contributors.minimum);
  assert.ok(
    Math.max(threshold, minimum) <= members && members <= contributors.capacity,
    'the job does not fit',
  );
}

/** 10: roster, consents and withdrawals are in the log before the first attempt that goes by them. */
function checkLogged({ log }: Watched, { id, round: { rules } }: StoredRound, roster: Roster): void {
  const rosters = new Set<Digest>();
  const consented = new Set<Digest>();
  const withdrawn = new Set<Digest>();
  for (const record of log.records) {
    // What comes after the first record of this attempt is about later ones.
    if ('attempt' in record.predicate && isSameAttempt(record.predicate, id)) break;
    if (record.kind === 'roster') rosters.add(record.predicate.rosterHash);
    if (record.kind === 'manifest') for (const { member } of record.predicate.consents) consented.add(member);
    if (record.kind === 'consent') consented.add(record.predicate.consent.member);
    if (record.kind === 'withdrawal') withdrawn.add(record.predicate.withdrawal.member);
  }
  const isIn = (set: ReadonlySet<Digest>) => (site: SiteId) =>
    set.has(memberPseudonym(memberOf(roster, site)));
  assert.ok(rosters.has(rules.rosterHash), 'invariant 10: a round goes by a roster that is not logged');
  assert.ok(rules.sites.every(isIn(consented)), 'invariant 10: a site counts whose consent is not logged');
  assert.ok(!rules.sites.some(isIn(withdrawn)), 'a site counts whose withdrawal is logged');
  assert.ok(rules.withdrawn.every(isIn(withdrawn)), 'invariant 10: a withdrawal counts that is not logged');
}

function isSameAttempt(a: { round: number; attempt: number }, b: StoredRound['id']): boolean {
  return a.round === b.round && a.attempt === b.attempt;
}

/** A roster is never older than before and changes with a round only; nobody who takes part is dropped without a reason. */
async function checkSuccession(
  world: Watched,
  { id, round: { rules } }: StoredRound,
  before: StoredRound,
): Promise<void> {
  const { rules: earlier } = before.round;
  const [next, last] = await Promise.all(
    [rules, earlier].map(async ({ rosterHash }) => (await world.documentUnder(rosterHash)).roster),
  );
  assert.ok(next!.version >= last!.version, 'a round goes by an older roster than the one before');
  if (id.attempt > 1) {
    assert.equal(rules.rosterHash, earlier.rosterHash, 'another attempt goes by another roster');
    assert.ok(rules.sites.every((site) => earlier.sites.includes(site)));
  }
  const isMember = (site: SiteId) => next!.members.some((member) => member.site === site);
  for (const site of earlier.sites.filter(isMember))
    assert.ok([...rules.sites, ...rules.withdrawn].includes(site), `${site} was dropped`);
  for (const site of earlier.withdrawn.filter(isMember))
    assert.ok(rules.withdrawn.includes(site), `${site} has withdrawn, and that is forgotten`);
}
