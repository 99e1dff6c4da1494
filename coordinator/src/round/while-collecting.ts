// Contributions arrive until all sites are in, or until a deadline that comes sooner once the minimum is in.
import { refuseUnless } from '@blindsum/proto';
import { conflict, heldFor, invited, missing, present } from './held.ts';
import { becomes, fail, unchanged, wrongPhase } from './outcome.ts';
import type { Collecting, Contribution, Deadline, RoundEvent, Transition } from './round.ts';
import { seal } from './seal.ts';

export function whileCollecting(round: Collecting, event: RoundEvent, nowMs: number): Transition {
  switch (event.kind) {
    case 'commit':
      return withContribution(round, event.contribution, nowMs);
    case 'deadline':
      return atDeadline(round, nowMs);
    default:
      return wrongPhase(round, event);
  }
}

function withContribution(round: Collecting, contribution: Contribution, nowMs: number): Transition {
  const { site } = contribution;
  refuseUnless(
    !round.rules.barred.includes(site),
    'NOT_A_CONTRIBUTOR',
    `${site} was not in the set of a round before, and this job takes nobody back (lateSites: refused)`,
  );
  const earlier = heldFor(round.contributions, site);
  if (earlier) return earlier.digest === contribution.digest ? unchanged(round) : conflict(site);
  const contributions = { ...round.contributions, [site]: contribution };
  const next: Collecting = { ...round, contributions };
  const count = contributors(next).length;
  if (count === invited(round.rules).length && isEnough(next)) return sealAll(next, nowMs);
  return becomes(count === round.rules.minimum ? { ...next, deadline: withGrace(next, nowMs) } : next);
}

/** From the moment the minimum is in, the others have `graceMs`, unless less is left anyway. */
function withGrace({ deadline, rules }: Collecting, nowMs: number): Deadline {
  return { ...deadline, atMs: Math.min(deadline.atMs, nowMs + rules.waits.graceMs) };
}

function atDeadline(round: Collecting, nowMs: number): Transition {
  if (isEnough(round)) return sealAll(round, nowMs);
  const { rules, contributions } = round;
  return fail(round, {
    reason: 'TOO_FEW_CONTRIBUTORS',
    what: `${contributors(round).length} of at least ${rules.minimum} contributors`,
    findings: missing(invited(rules), contributions, 'no commitment'),
    mayHaveOpened: false,
  });
}

// A sum over fewer sites would say more about each of them than the manifest allows; a sum over none says nothing.
function isEnough(round: Collecting): boolean {
  return contributors(round).length >= Math.max(1, round.rules.minimum);
}

function sealAll(round: Collecting, nowMs: number): Transition {
  const members = contributors(round);
  const { sites, barred } = round.rules;
  const excluded = sites
    .filter((site) => !members.includes(site))
    .map((site) => ({ site, reason: barred.includes(site) ? ('late-before' as const) : ('late' as const) }));
  return seal(round, { setAttempt: 1, members, excluded }, nowMs);
}

function contributors(round: Collecting) {
  return present(round.rules.sites, round.contributions);
}
