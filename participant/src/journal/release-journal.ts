// What this site has said about making models public, kept across crashes: it is written here before it is sent.
import type { JobId, SignedMessage } from '@blindsum/proto';

/** What a person decided about the model of a round. */
export interface ReleaseDecision {
  readonly verdict: 'vote' | 'refuse';
  /** One line; empty for a vote without any. */
  readonly reason: string;
  readonly decidedBy: string;
  readonly atMs: number;
}

export interface StoredModelVote {
  /** The attempt that gave the model. */
  readonly attempt: number;
  readonly message: SignedMessage;
}

/** A vote about which there may be something left to do. */
export interface OpenModelVote {
  readonly job: JobId;
  readonly round: number;
  readonly attempt: number;
}

/** With the promises of RoundJournal. */
export interface ReleaseJournal {
  /**
   * The site's one vote for the model of a round, and who decided it. The same again is a retry; refuses CONFLICTING_SUBMISSION
   * another one.
   */
  recordModelVote(job: JobId, round: number, vote: StoredModelVote, decision: ReleaseDecision): void;
  modelVote(job: JobId, round: number): StoredModelVote | undefined;
  /** That a person is against it: a vote that was recorded is sent no more, until it is recorded again. */
  recordModelRefusal(job: JobId, round: number, decision: ReleaseDecision): void;
  /** The latest one. */
  releaseDecision(job: JobId, round: number): ReleaseDecision | undefined;
  /** Everybody has the model: nothing is left to do about the vote. */
  recordReleased(job: JobId, round: number): void;
  /** Votes that were not taken back, of models that not everybody has yet; by job and round. */
  openModelVotes(): readonly OpenModelVote[];
}
