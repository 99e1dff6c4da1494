// Sites release their share sums, reconstruct the key sum, and attest the model they get (PROTOCOL.md section 5, "open" to
// "publish"). From the first opening on, no other set of this round may ever be opened (invariant 11): the set is carried to the
// end, however long its sites are away, or the job stops.
import { refuseUnless, type SiteId } from '@blindsum/proto';
import { conflict, heldFor, isComplete, isRetry, missing, present } from './held.ts';
import { becomes, fail, unchanged, wrongPhase } from './outcome.ts';
import type { Attested, Finding, Opening, Published, RoundEvent, Transition } from './round.ts';

type EventOf<K extends RoundEvent['kind']> = Extract<RoundEvent, { kind: K }>;

export function whileOpening(round: Opening, event: RoundEvent, nowMs: number): Transition {
  switch (event.kind) {
    case 'open':
      return withOpening(round, event, nowMs);
    case 'attest':
      return withAttestation(round, event, nowMs);
    case 'deadline':
      return round.complete ? atAttestationDeadline(round, nowMs) : atOpeningDeadline(round, nowMs);
    default:
      return wrongPhase(round, event);
  }
}

function withOpening(round: Opening, event: EventOf<'open'>, nowMs: number): Transition {
  verifyRoots(round, event);
  if (isRetry(round.openings, event.from, event.digest)) return unchanged(round);
  // An opening that comes late still helps others to check theirs: more than T must lie on one polynomial.
  const next: Opening = { ...round, openings: { ...round.openings, [event.from]: event.digest } };
  const isAwaitingMembers = !isCarried(round) && !isComplete(next.set.members, next.openings);
  const isDone = !round.complete && hasThreshold(next) && !isAwaitingMembers;
  if (isDone) return complete(next, nowMs);
  const isFirstTime = hasThreshold(next) && !hasThreshold(round);
  return becomes(isFirstTime ? hurried(next, round.rules.waits.openMs, nowMs) : next);
}

/** Enough are in: the others, some of whom may be gone, have a quarter of the time that all had. */
function hurried(round: Opening, waitMs: number, nowMs: number): Opening {
  const { ends, atMs } = round.deadline;
  return { ...round, deadline: { ends, atMs: Math.min(atMs, nowMs + Math.ceil(waitMs / 4)) } };
}

function complete(round: Opening, nowMs: number): Transition {
  const deadline = { ends: 'attestations', atMs: nowMs + round.rules.waits.attestMs } as const;
  return becomes({ ...round, complete: true, deadline });
}

function atOpeningDeadline(round: Opening, nowMs: number): Transition {
  if (hasThreshold(round)) return complete(round, nowMs);
  const count = openers(round).length;
  if (count > 0 && !isCarried(round)) return carry(round, 'carried openings', nowMs);
  return fail(round, {
    reason: 'TOO_FEW_OPENINGS',
    what: `${count} of ${round.rules.threshold} openings`,
    findings: missing(round.rules.sites, round.openings, 'no opening'),
    mayHaveOpened: count > 0,
  });
}

/** Another set must never be opened, so that it is worth waiting long for the sites that can bring this one to its end. */
function carry(round: Opening, ends: 'carried openings' | 'carried attestations', nowMs: number): Transition {
  return becomes({ ...round, deadline: { ends, atMs: nowMs + round.rules.waits.carryMs } });
}

function isCarried({ deadline }: Opening): boolean {
  return deadline.ends === 'carried openings' || deadline.ends === 'carried attestations';
}

function withAttestation(round: Opening, event: EventOf<'attest'>, nowMs: number): Transition {
  refuseUnless(round.complete, 'WRONG_PHASE', 'attest: openings are still awaited');
  verifyRoots(round, event);
  const { from, attested } = event;
  const earlier = heldFor(round.attestations, from);
  if (earlier) return earlier.result === attested.result ? unchanged(round) : conflict(from);
  const next: Opening = { ...round, attestations: { ...round.attestations, [from]: attested } };
  if (isDisputed(next)) return failDisagreeing(next);
  const isAwaitingOpeners = !isCarried(round) && !isComplete(openers(next), next.attestations);
  if (!hasEnoughAttestations(next)) return becomes(next);
  if (!isAwaitingOpeners) return publish(next, attested);
  const isFirstTime = !hasEnoughAttestations(round);
  return becomes(isFirstTime ? hurried(next, round.rules.waits.attestMs, nowMs) : next);
}

function failDisagreeing(round: Opening): Transition {
  const attestations = Object.entries(round.attestations) as [SiteId, Attested][];
  const findings = attestations.map(([site, { result }]): Finding => ({
    site,
    what: `attested ${result.slice(0, 8)}`,
  }));
  return fail(round, {
    reason: 'MODEL_DISAGREEMENT',
    what: 'sites computed different results from one sum',
    findings,
    mayHaveOpened: true,
  });
}

function atAttestationDeadline(round: Opening, nowMs: number): Transition {
  const [attested] = Object.values(round.attestations);
  if (attested && hasEnoughAttestations(round)) return publish(round, attested);
  if (!isCarried(round)) return carry(round, 'carried attestations', nowMs);
  return fail(round, {
    reason: 'TOO_FEW_ATTESTATIONS',
    what: `${Object.keys(round.attestations).length} of ${round.rules.threshold} attestations`,
    findings: missing(round.rules.sites, round.attestations, 'no attestation'),
    mayHaveOpened: true,
  });
}

function publish(round: Opening, { modelHash }: Attested): Transition {
  const { rules, phases, set, sum, attestations } = round;
  const published: Published = { phase: 'published', rules, phases, set, sum, modelHash, attestations };
  return becomes(published, [{ kind: 'log-published' }, { kind: 'advance-job' }]);
}

function isDisputed({ attestations }: Opening): boolean {
  return new Set(Object.values(attestations).map(({ result }) => result)).size > 1;
}

function hasThreshold(round: Opening): boolean {
  return openers(round).length >= round.rules.threshold;
}

function hasEnoughAttestations({ rules, attestations }: Opening): boolean {
  return Object.keys(attestations).length >= rules.threshold;
}

function openers(round: Opening): SiteId[] {
  return present(round.rules.sites, round.openings);
}

function verifyRoots(round: Opening, event: EventOf<'open' | 'attest'>): void {
  refuseUnless(
    event.setRoot === round.set.root && event.sumRoot === round.sum.root,
    'WRONG_CONTEXT',
    'the message names another set or another sum',
  );
}
