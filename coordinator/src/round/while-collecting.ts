// Contributions arrive until all sites are in, or until a deadline that comes sooner once the minimum is in.
import { conflict, heldFor, missing, present } from './held.ts';
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
  const earlier = heldFor(round.contributions, contribution.site);
  if (earlier) return earlier.digest === contribution.digest ? unchanged(round) : conflict(contribution.site);
  const contributions = { ...round.contributions, [contribution.site]: contribution };
  const next: Collecting = { ...round, contributions };
  const count = contributors(next).length;
  if (count === round.rules.sites.length && isEnough(next)) return sealAll(next, nowMs);
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
    findings: missing(rules.sites, contributions, 'no commitment'),
    mayHaveOpened: false,
  });
}

// A sum over fewer sites would say more about each of them than the manifest allows; a sum over none says nothing.
function isEnough(round: Collecting): boolean {
  return contributors(round).length >= Math.max(1, round.rules.minimum);
}

function sealAll(round: Collecting, nowMs: number): Transition {
  const members = contributors(round);
  const late = round.rules.sites.filter((site) => !members.includes(site));
  return seal(
    round,
    { setAttempt: 1, members, excluded: late.map((site) => ({ site, reason: 'late' })) },
    nowMs,
  );
}

function contributors(round: Collecting) {
  return present(round.rules.sites, round.contributions);
}
