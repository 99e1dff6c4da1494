// What the coordinator says about a job and its current round: well-formed, and not believed. next-step.ts verifies it.
import type { Digest, JobId, SignedMessage, SiteId } from '@blindsum/proto';

/** One attempt of one round of one job. */
export interface RoundReference {
  readonly job: JobId;
  /** 0..R+1: statistics, R training rounds, evaluation. */
  readonly round: number;
  /** 1 and up. */
  readonly attempt: number;
}

/** A contributor set as the coordinator sealed it. */
export interface SealedSetSnapshot {
  /** 1 and up: complaints seal a smaller set in the same attempt. */
  readonly setAttempt: number;
  readonly root: Digest;
  readonly commitments: readonly SignedMessage[];
}

interface Announced {
  readonly ref: RoundReference;
  /** Of the roster that the round goes by. */
  readonly rosterHash: Digest;
  readonly baseModelHash: Digest;
}

interface Sealed extends Announced {
  readonly set: SealedSetSnapshot;
  readonly acknowledgements: readonly SignedMessage[];
}

interface Summed extends Sealed {
  readonly sumRoot: Digest;
  readonly checksums: readonly SignedMessage[];
}

interface Opened extends Summed {
  readonly openings: readonly SignedMessage[];
  readonly attestations: readonly SignedMessage[];
}

export type CollectingSnapshot = Announced & {
  readonly phase: 'collecting';
  /** Sites whose commitment has arrived. */
  readonly committed: readonly SiteId[];
  /** Sites whose updates it refuses, because an earlier one was late. */
  readonly barred: readonly SiteId[];
};
export type SealedSnapshot = Sealed & { readonly phase: 'sealed' };
export type SummedSnapshot = Summed & {
  readonly phase: 'summed';
  /** Contributors whose checksum another site may sign. */
  readonly proxiesWanted: readonly SiteId[];
};
export type OpeningSnapshot = Opened & { readonly phase: 'opening' };
export type PublishedSnapshot = Opened & { readonly phase: 'published' };
export type FailedSnapshot = Announced & { readonly phase: 'failed'; readonly failure: string };

/** One attempt of a round; each phase carries what exists in it. */
export type RoundSnapshot =
  CollectingSnapshot | SealedSnapshot | SummedSnapshot | OpeningSnapshot | PublishedSnapshot | FailedSnapshot;

export type RoundPhase = RoundSnapshot['phase'];

/** The latest published round: the evidence for its model, and who seals it for sites that were away. */
export interface CheckpointSnapshot {
  readonly ref: RoundReference;
  /** Hashes of the models that the round started from and gave. */
  readonly baseModelHash: Digest;
  readonly modelHash: Digest;
  readonly attestations: readonly SignedMessage[];
  /** Of the roster that the round went by, and of the one whose members checkpoints are sealed to. */
  readonly rosterHash: Digest;
  readonly sealedFor: Digest;
  /** Who is to seal the model. */
  readonly asked: SiteId | undefined;
  /** What the sealer of a checkpoint signed that this site may fetch. */
  readonly offer: SignedMessage | undefined;
}

/** A job at one version. The checkpoint is absent while this site has no part in it. */
export type JobSnapshot = { readonly version: bigint; readonly checkpoint?: CheckpointSnapshot } & (
  | { readonly state: 'joining' }
  /** Other jobs run, or the operator has paused it: before its first round, or after the round shown. */
  | { readonly state: 'queued' | 'paused'; readonly round: RoundSnapshot | undefined }
  | { readonly state: 'running'; readonly round: RoundSnapshot | undefined }
  | { readonly state: 'finished'; readonly round: RoundSnapshot | undefined }
  | { readonly state: 'failed' | 'cancelled'; readonly failure: string }
);
