// What people at this site, or its policy, decided about jobs. Other processes write here as well: the agent that runs takes a
// decision up without a restart.
import type { Digest, JobId, SignedMessage } from '@blindsum/proto';

/** A decision is about exactly one manifest and roster; it never counts for others under the same name. */
export interface Decision {
  readonly verdict: 'approved' | 'refused' | 'withdrawn';
  readonly manifestHash: Digest;
  readonly rosterHash: Digest;
  /** One line; empty for an approval without any. Stays at this site. */
  readonly reason: string;
  /** A person, or `policy`. */
  readonly decidedBy: string;
  readonly atMs: number;
}

export interface StoredWithdrawal {
  /** The first round that this site does not contribute to. */
  readonly fromRound: number;
  readonly message: SignedMessage;
}

/** Rounds of a job for which this site signed a commitment. */
export interface ContributedRounds {
  readonly job: JobId;
  readonly rounds: number;
  /** The latest of them. */
  readonly last: number;
}

/** With the promises of RoundJournal. */
export interface DecisionJournal {
  /** Every decision is kept, the latest one counts. */
  recordDecision(job: JobId, decision: Decision): void;
  decision(job: JobId): Decision | undefined;
  /**
   * The site's one withdrawal from a job: the first one stays. Refuses CONFLICTING_SUBMISSION when the site has signed a
   * commitment for `fromRound` or a later round; once recorded, no commitment for such a round is.
   */
  recordWithdrawal(job: JobId, withdrawal: StoredWithdrawal): StoredWithdrawal;
  withdrawal(job: JobId): StoredWithdrawal | undefined;
  /** By job. */
  contributedRounds(): readonly ContributedRounds[];
  /** Jobs that the site consented to or decided about. */
  jobs(): readonly JobId[];
}
