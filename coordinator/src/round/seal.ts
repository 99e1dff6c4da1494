// Fixes the contributor set U, or a smaller one after a complaint (PROTOCOL.md section 5, "seal").
import { setRootOfLeaves, type SiteId } from '@blindsum/proto';
import { heldFor } from './held.ts';
import { becomes } from './outcome.ts';
import type { Collecting, Sealed, SealedSet, Transition } from './round.ts';

/**
 * Seals `members` (roster order, each with a contribution), to be logged and then summed. Acknowledgements start anew, for
 * they name the set.
 */
export function seal(
  round: Collecting | Sealed,
  choice: Pick<SealedSet, 'setAttempt' | 'members' | 'excluded'>,
  nowMs: number,
): Transition {
  const set: SealedSet = {
    ...choice,
    root: setRootOfLeaves(choice.members.map((site) => digestOf(round, site))),
  };
  const sealed: Sealed = {
    phase: 'sealed',
    rules: round.rules,
    phases: round.phases,
    deadline: { ends: 'acknowledgements', atMs: nowMs + round.rules.waits.acknowledgeMs },
    contributions: round.contributions,
    set,
    acknowledgements: {},
  };
  return becomes(sealed, [
    { kind: 'log-sealed', set },
    { kind: 'sum', set },
  ]);
}

function digestOf(round: Collecting | Sealed, site: SiteId) {
  const contribution = heldFor(round.contributions, site);
  if (!contribution) throw new Error(`${site} is to be sealed without a contribution`);
  return contribution.digest;
}
