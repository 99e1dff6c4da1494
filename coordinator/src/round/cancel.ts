// The operator ends a job: its round fails, in whatever phase it is.
import { fail, unchanged } from './outcome.ts';
import type { Round, Transition } from './round.ts';

/** Fails the round with the operator's reason; one that has ended stays as it is. */
export function cancel(round: Round, reason: string): Transition {
  if (round.phase === 'published' || round.phase === 'failed') return unchanged(round);
  const mayHaveOpened = round.phase === 'opening' && Object.keys(round.openings).length > 0;
  return fail(round, { reason: 'CANCELLED', what: reason, findings: [], mayHaveOpened });
}
