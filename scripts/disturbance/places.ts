// Where a process was when it was killed, by what it left on its disk.
import type { CoordinatorState, JournalState } from './dead-state.ts';
import { isPartial } from './ledger.ts';

/** In a few words, the phase of the round and what was owed or under way. */
export function placeOfCoordinator(
  { jobState, rounds, blobs }: CoordinatorState,
  ciphertextBytes: number,
): string {
  const current = rounds.at(-1);
  if (!current) return `job ${jobState}`;
  const owed = current.owed.map((kind) => (kind === 'sum' ? 'sum under way' : `owes ${kind}`));
  const prefix = `${current.round}-${current.attempt}/`;
  const hasPartial = [...blobs].some(
    ([name, bytes]) =>
      name.startsWith(prefix) && name.endsWith('.ciphertext') && isPartial(bytes, ciphertextBytes),
  );
  return [current.phase, ...(hasPartial ? ['upload half stored'] : []), ...owed].join(', ');
}

/** How far the site had come in the round it was in. */
export function placeOfSite(journal: JournalState, round: number, attempt: number): string {
  if (journal.outcomes.some((outcome) => outcome.round === round)) return 'outcome on disk';
  if (journal.opened.has(round)) return 'opening recorded';
  if (journal.acknowledged.has(round)) return 'set acknowledged';
  const commitment = journal.commitments.find((one) => one.round === round && one.attempt === attempt);
  if (!commitment) return 'no update yet';
  return commitment.isAccepted ? 'commitment accepted' : 'update on disk, not committed';
}
