// The set is fixed: the sites check it, while the coordinator adds it up. A complaint seals a smaller set.
import { refuseUnless, type SiteId } from '@blindsum/proto';
import { heldFor, isComplete, isRetry, missing } from './held.ts';
import { becomes, fail, unchanged, wrongPhase } from './outcome.ts';
import type { Exclusion, RoundEvent, Sealed, Summed, Transition } from './round.ts';
import { seal } from './seal.ts';

type EventOf<K extends RoundEvent['kind']> = Extract<RoundEvent, { kind: K }>;

export function whileSealed(round: Sealed, event: RoundEvent, nowMs: number): Transition {
  switch (event.kind) {
    case 'commit':
      return heldFor(round.contributions, event.contribution.site)?.digest === event.contribution.digest
        ? unchanged(round)
        : wrongPhase(round, event);
    case 'acknowledge':
      return withAcknowledgement(round, event, nowMs);
    case 'complain':
      return withComplaint(round, event, nowMs);
    case 'summed':
      return withSum(round, event, nowMs);
    case 'deadline':
      return atDeadline(round, nowMs);
    default:
      return wrongPhase(round, event);
  }
}

function withAcknowledgement(round: Sealed, event: EventOf<'acknowledge'>, nowMs: number): Transition {
  verifyCurrentSet(round, event);
  if (isRetry(round.acknowledgements, event.from, event.digest)) return unchanged(round);
  const acknowledgements = { ...round.acknowledgements, [event.from]: event.digest };
  return moveOn({ ...round, acknowledgements }, nowMs);
}

function withSum(round: Sealed, { setRoot, sum }: EventOf<'summed'>, nowMs: number): Transition {
  // A worker that was under way when a smaller set was sealed reports a sum nobody awaits.
  if (setRoot !== round.set.root || round.sum) return unchanged(round);
  return moveOn({ ...round, sum }, nowMs);
}

function withComplaint(round: Sealed, event: EventOf<'complain'>, nowMs: number): Transition {
  refuseUnless(!event.dealers.includes(event.from), 'MALFORMED', `${event.from} complains about itself`);
  const accused = round.set.members.filter((site) => event.dealers.includes(site));
  if (accused.length === 0) return unchanged(round);
  verifyCurrentSet(round, event);
  refuseUnless(
    heldFor(round.acknowledgements, event.from) === undefined,
    'CONFLICTING_SUBMISSION',
    `${event.from} has acknowledged this set`,
  );
  return without(round, accused, nowMs);
}

/** Seals the set again without the dealers whose share does not open, or fails if too few would be left. */
function without(round: Sealed, accused: readonly SiteId[], nowMs: number): Transition {
  const { rules, set } = round;
  const members = set.members.filter((site) => !accused.includes(site));
  const reasons = new Map<SiteId, Exclusion['reason']>(
    set.excluded.map(({ site, reason }) => [site, reason]),
  );
  for (const site of accused) reasons.set(site, 'bad-share');
  const excluded = rules.sites.flatMap((site) => {
    const reason = reasons.get(site);
    return reason ? [{ site, reason }] : [];
  });
  if (members.length >= Math.max(1, rules.minimum))
    return seal(round, { setAttempt: set.setAttempt + 1, members, excluded }, nowMs);
  return fail(round, {
    reason: 'TOO_FEW_CONTRIBUTORS',
    what: `${members.length} of at least ${rules.minimum} contributors after complaints`,
    findings: excluded.map(({ site, reason }) => ({ site, what: reason })),
    mayHaveOpened: false,
  });
}

function atDeadline(round: Sealed, nowMs: number): Transition {
  const { rules, set, acknowledgements } = round;
  // With enough acknowledgements only the sum is missing. The deadline stays in the past: the sum then moves the round on.
  if (hasThreshold(round)) return round.sum ? moveOn(round, nowMs) : unchanged(round);
  return fail(round, {
    reason: 'TOO_FEW_ACKNOWLEDGEMENTS',
    what: `${Object.keys(acknowledgements).length} of ${rules.threshold} acknowledgements of set ${set.setAttempt}`,
    findings: missing(rules.sites, acknowledgements, 'no acknowledgement'),
    mayHaveOpened: false,
  });
}

/** To `summed` once the sum is there and the acknowledgements are: of all members, or, past the deadline, of T sites. */
function moveOn(round: Sealed, nowMs: number): Transition {
  const { rules, phases, set, sum, acknowledgements } = round;
  const isAcknowledged = isComplete(set.members, acknowledgements);
  if (!sum || !hasThreshold(round)) return becomes(round);
  if (!isAcknowledged && nowMs < round.deadline.atMs) return becomes(round);
  const summed: Summed = {
    phase: 'summed',
    rules,
    phases,
    deadline: { ends: 'checksums', atMs: nowMs + rules.waits.checksumMs },
    set,
    sum,
    checksums: {},
    proxiesWanted: [],
  };
  return becomes(summed);
}

function hasThreshold({ rules, acknowledgements }: Sealed): boolean {
  return Object.keys(acknowledgements).length >= rules.threshold;
}

function verifyCurrentSet(round: Sealed, event: EventOf<'acknowledge' | 'complain'>): void {
  refuseUnless(
    event.setRoot === round.set.root,
    'WRONG_PHASE',
    `${event.kind}: the current set is number ${round.set.setAttempt}, ${round.set.root.slice(0, 8)}`,
  );
}
