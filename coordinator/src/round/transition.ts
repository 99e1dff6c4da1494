// The rules of a round as one pure function (PROTOCOL.md section 5): what an event makes of a state, and what is then owed
// to the world. It refuses what its sender got wrong; a round that cannot go on is a state, `failed`.
import { refuseUnless, type SiteId } from '@blindsum/proto';
import { cancel } from './cancel.ts';
import { unchanged } from './outcome.ts';
import type { Round, RoundEvent, Transition } from './round.ts';
import { whileCollecting } from './while-collecting.ts';
import { whileEnded } from './while-ended.ts';
import { whileOpening } from './while-opening.ts';
import { whileSealed } from './while-sealed.ts';
import { whileSummed } from './while-summed.ts';

/**
 * The next state, and the effects that are owed because of it. The same `round` object with no effects means that nothing
 * changed: a retry, a timer that fired twice or early, the sum of a set that is not the current one, or the cancellation
 * of a round that has ended.
 * Refuses NOT_A_MEMBER, NOT_A_CONTRIBUTOR, WRONG_PHASE, WRONG_CONTEXT, CONFLICTING_SUBMISSION, BAD_CHECKSUM or MALFORMED.
 */
export function transition(round: Round, event: RoundEvent, nowMs: number): Transition {
  if (event.kind === 'deadline' && !isDue(round, event.ends, nowMs)) return unchanged(round);
  if (event.kind === 'summed' && round.phase !== 'sealed') return unchanged(round);
  if (event.kind === 'cancel') return cancel(round, event.reason);
  verifySender(round, event);
  return timed(round, decide(round, event, nowMs), nowMs);
}

function decide(round: Round, event: RoundEvent, nowMs: number): Transition {
  switch (round.phase) {
    case 'collecting':
      return whileCollecting(round, event, nowMs);
    case 'sealed':
      return whileSealed(round, event, nowMs);
    case 'summed':
      return whileSummed(round, event, nowMs);
    case 'opening':
      return whileOpening(round, event, nowMs);
    case 'published':
    case 'failed':
      return whileEnded(round, event);
  }
}

/** Notes when a phase began. */
function timed(before: Round, { round, effects }: Transition, nowMs: number): Transition {
  if (round.phase === before.phase) return { round, effects };
  const phases = [...round.phases, { phase: round.phase, atMs: nowMs }];
  return { round: { ...round, phases }, effects };
}

/** True if the round's current deadline is `ends` and has passed. */
export function isDue(round: Round, ends: string, nowMs: number): boolean {
  return 'deadline' in round && round.deadline.ends === ends && nowMs >= round.deadline.atMs;
}

/** The site that sent the event; absent for what the coordinator itself reports. */
export function senderOf(event: RoundEvent): SiteId | undefined {
  switch (event.kind) {
    case 'commit':
      return event.contribution.site;
    case 'checksum':
      return event.entry.signer;
    case 'acknowledge':
    case 'complain':
    case 'open':
    case 'attest':
      return event.from;
    case 'summed':
    case 'deadline':
    case 'cancel':
      return undefined;
  }
}

function verifySender(round: Round, event: RoundEvent): void {
  const sender = senderOf(event);
  if (sender === undefined) return;
  refuseUnless(
    round.rules.sites.includes(sender),
    'NOT_A_MEMBER',
    `${sender} takes no part in this round: it had not consented when the round began`,
  );
}
