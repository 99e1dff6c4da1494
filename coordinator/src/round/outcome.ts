// The ways a transition can end that all phases share.
import { Refusal } from '@blindsum/proto';
import type { Effect, Failed, FailureReason, Finding, Round, RoundEvent, Transition } from './round.ts';

/** Nothing changes and nothing is owed: the state is the object it was. */
export function unchanged(round: Round): Transition {
  return becomes(round);
}

/** The next state, and what is owed because of it. */
export function becomes(round: Round, effects: readonly Effect[] = []): Transition {
  return { round, effects };
}

export interface Failure {
  readonly reason: FailureReason;
  /** What the sentence for people starts with. */
  readonly what: string;
  readonly findings: readonly Finding[];
  /** True from the first opening on (invariant 11). */
  readonly mayHaveOpened: boolean;
}

/** Ends the round: recorded as an incident, then the job decides what comes next. */
export function fail(round: Round, { reason, what, findings, mayHaveOpened }: Failure): Transition {
  const named = findings.map((finding) => `${finding.site}: ${finding.what}`).join(', ');
  const detail = named === '' ? what : `${what} (${named})`;
  const { rules, phases } = round;
  const failed: Failed = { phase: 'failed', rules, phases, reason, detail, findings, mayHaveOpened };
  return becomes(failed, [{ kind: 'log-failed' }, { kind: 'advance-job' }]);
}

/** Refuses an event that the phase has no place for. */
export function wrongPhase(round: Round, event: RoundEvent): never {
  throw new Refusal('WRONG_PHASE', `${event.kind}: the round is ${round.phase}`);
}
