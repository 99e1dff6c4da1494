// What the journal, and the memory of the current attempt, say about what the coordinator shows.
import type { Digest } from '@blindsum/proto';
import type { Session } from './session-context.ts';
import type { CheckpointedRound, JournalFacts } from './session/journal-facts.ts';
import type { Leave } from './session/leave.ts';
import type { CheckpointSnapshot, JobSnapshot } from './session/round-snapshot.ts';
import { heldModelHash } from './steps/base-model.ts';

export interface DriverFacts {
  /** The last checkpoint that this site offered (`toOffered`). */
  readonly offered: string | undefined;
  readonly leave: Leave;
}

export function factsAbout(
  session: Session,
  view: JobSnapshot,
  { offered, leave }: DriverFacts,
): JournalFacts {
  const { journal, memory, terms } = session;
  const { job } = terms.manifest;
  const round = 'round' in view ? view.round : undefined;
  if (round === undefined || round.ref.job !== job) return { ...NO_FACTS, leave };
  const { ref } = round;
  return {
    heldModelHash: heldModelHash(session, ref),
    latestModelRound: journal.model(job)?.round ?? -1,
    commitment: journal.commitment(ref),
    acknowledged: journal.acknowledged(ref),
    shares: memory.shares,
    opened: journal.opening(job, ref.round),
    result: journal.outcome(job, ref.round),
    previousMembers: journal.outcome(job, ref.round - 1)?.members,
    leave,
    checkpointed: checkpointedRound(session, view.checkpoint, offered),
  };
}

function checkpointedRound(
  { journal, terms }: Session,
  checkpoint: CheckpointSnapshot | undefined,
  offered: string | undefined,
): CheckpointedRound {
  if (checkpoint === undefined) return NO_FACTS.checkpointed;
  const { job } = terms.manifest;
  const { round } = checkpoint.ref;
  const outcome = journal.outcome(job, round);
  // Older models may be gone from the disk, and nobody who follows the job needs them.
  const isLatest = round >= (journal.model(job)?.round ?? -1);
  const isSealable = isLatest && outcome && toOffered(outcome.modelHash, checkpoint.sealedFor) !== offered;
  return { opened: journal.opening(job, round), sealable: isSealable ? outcome : undefined };
}

/** Names a checkpoint by its model and by the roster whose members it is for. */
export function toOffered(modelHash: Digest, sealedFor: Digest): string {
  return `${modelHash} ${sealedFor}`;
}

const NO_FACTS: Omit<JournalFacts, 'leave'> = {
  heldModelHash: undefined,
  latestModelRound: -1,
  commitment: undefined,
  acknowledged: undefined,
  shares: undefined,
  opened: undefined,
  result: undefined,
  previousMembers: undefined,
  checkpointed: { opened: undefined, sealable: undefined },
};
