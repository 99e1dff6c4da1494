// The change from one phase of an attempt to the next, for operators and metrics.
import type { StoredRound } from './ports.ts';
import type { PhaseStart } from './round/round.ts';

export type Phase = PhaseStart['phase'];

/** An attempt that entered a phase, and the phase it left, if there was one. */
export interface PhaseChange {
  readonly stored: StoredRound;
  readonly left: { readonly phase: Phase; readonly milliseconds: number } | undefined;
}

/**
 * What the write that made `after` of `before` (or created it) changed. Undefined if the phase is the same, or if the attempt had
 * been created before: a crash repeats that.
 */
export function phaseChange(before: StoredRound | undefined, after: StoredRound): PhaseChange | undefined {
  const isKnown = before ? before.round.phase === after.round.phase : after.version > 1;
  if (isKnown) return undefined;
  const [left, entered] = after.round.phases.slice(-2);
  if (!left || !entered) return { stored: after, left: undefined };
  return { stored: after, left: { phase: left.phase, milliseconds: entered.atMs - left.atMs } };
}
