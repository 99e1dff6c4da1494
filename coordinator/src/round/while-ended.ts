// Published and failed rounds do not change. An attestation of what was published is a retry, or comes too late to count.
import { unchanged, wrongPhase } from './outcome.ts';
import type { Failed, Published, RoundEvent, Transition } from './round.ts';

export function whileEnded(round: Published | Failed, event: RoundEvent): Transition {
  if (
    round.phase === 'published' &&
    event.kind === 'attest' &&
    isPublishedResult(round, event.attested.result)
  )
    return unchanged(round);
  return wrongPhase(round, event);
}

function isPublishedResult(round: Published, result: string): boolean {
  return Object.values(round.attestations).some((attested) => attested.result === result);
}
