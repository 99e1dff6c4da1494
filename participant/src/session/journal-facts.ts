// What the site's own journal says about the round that is announced.
import type { Digest, SignedMessage, SiteId } from '@blindsum/proto';
import type { Leave } from './leave.ts';

export interface JournalFacts {
  /** Hash of the model that the round starts from, as this site computed it; undefined if it missed the round before. */
  readonly heldModelHash: Digest | undefined;
  /** The round that gave the latest model this site holds; -1 for the initial one. */
  readonly latestModelRound: number;
  /** What this site signed for this attempt. */
  readonly commitment: OwnCommitment | undefined;
  /** The set with the highest number that this site acknowledged in this attempt. */
  readonly acknowledged: { readonly setAttempt: number; readonly setRoot: Digest } | undefined;
  /** Whether the shares addressed to this site opened, for the last set that it looked at. */
  readonly shares: CheckedShares | undefined;
  /** The one set that this site has opened in this round, over all attempts. */
  readonly opened: OpenedSet | undefined;
  /** What this site computed from the sum of this round. */
  readonly result: RoundOutcome | undefined;
  /** Who was in the set of the round before; undefined for the first round, and if this site missed it. */
  readonly previousMembers: readonly SiteId[] | undefined;
  /** Whether this site contributes at the moment. */
  readonly leave: Leave;
  /** About the round that the checkpoint is of. */
  readonly checkpointed: CheckpointedRound;
}

export interface CheckpointedRound {
  readonly opened: OpenedSet | undefined;
  /** What this site computed, unless it has offered a checkpoint of it. */
  readonly sealable: RoundOutcome | undefined;
}

export interface OwnCommitment {
  readonly message: SignedMessage;
  /** True once the coordinator has confirmed it. */
  readonly isAccepted: boolean;
}

export interface CheckedShares {
  readonly setRoot: Digest;
  /** Dealers whose share for this site does not open, in roster order. */
  readonly badDealers: readonly SiteId[];
}

export interface OpenedSet {
  readonly attempt: number;
  readonly setRoot: Digest;
}

export interface RoundOutcome {
  readonly attempt: number;
  readonly setRoot: Digest;
  readonly modelHash: Digest;
}
