// Who takes part in a round, who was left out and why, and for whom it waits: nothing succeeds silently on a subset
// (invariant 5).
import type { SiteId } from '@blindsum/proto';
import { invited, missing, present } from './held.ts';
import type { Finding, Round, RoundRules } from './round.ts';

/** Sites whose update is in the round: so far while it collects, for good from the sealing on. Empty for a failed round. */
export function contributorsOf(round: Round): readonly SiteId[] {
  if (round.phase === 'collecting') return present(round.rules.sites, round.contributions);
  return 'set' in round ? round.set.members : [];
}

/**
 * Everyone in `roster` whose update is not in a sealed set, with the reason that the round's record gives: `late`, `late-before`,
 * `bad-share`, `no-consent`, `withdrawn` or `revoked` for a site that takes no part in the job. Of a failed round: what it missed of whom.
 */
export function leftOutOf(round: Round, roster: readonly SiteId[]): Finding[] {
  if (round.phase === 'failed') return [...round.findings];
  const absent = roster.filter((site) => !round.rules.sites.includes(site));
  const named = absent.map((site) => ({ site, what: absenceOf(round.rules, site) }));
  if (!('set' in round))
    return [...round.rules.barred.map((site) => ({ site, what: 'late-before' })), ...named];
  return [...round.set.excluded.map(({ site, reason }) => ({ site, what: reason })), ...named];
}

/** Why a member takes no part in an attempt. A withdrawal is for good, and comes before a revocation. */
export function absenceOf(
  { withdrawn, revoked }: Pick<RoundRules, 'withdrawn' | 'revoked'>,
  site: SiteId,
): 'withdrawn' | 'revoked' | 'no-consent' {
  if (withdrawn.includes(site)) return 'withdrawn';
  return revoked.includes(site) ? 'revoked' : 'no-consent';
}

/** What the current phase waits for, site by site; empty for a round that has ended. */
export function awaitedIn(round: Round): Finding[] {
  const { sites } = round.rules;
  switch (round.phase) {
    case 'collecting':
      return missing(invited(round.rules), round.contributions, 'commitment');
    case 'sealed':
      return missing(round.set.members, round.acknowledgements, 'acknowledgement');
    case 'summed':
      return missing(round.set.members, round.checksums, 'checksum');
    case 'opening':
      return round.complete
        ? missing(present(sites, round.openings), round.attestations, 'attestation')
        : missing(sites, round.openings, 'opening');
    case 'published':
    case 'failed':
      return [];
  }
}
