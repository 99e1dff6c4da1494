// A coordinator as the invariants look at it.
import type { Digest, JobId, SiteId } from '@blindsum/proto';
import type { LogRecord } from '@blindsum/proto/tlog';
import type { JobDocument } from '../../coordinator/src/job-document.ts';
import type { RoundStore, StoredMessage, StoredRound } from '../../coordinator/src/ports.ts';
import type { Published } from '../../coordinator/src/round/round.ts';

/** What a log says, in the order of its entries. */
export interface RecordsSeen {
  readonly records: readonly LogRecord[];
  /** Index of the record that names this set, or -1. */
  sealedIndex(setRoot: string): number;
  /** Of the record with this index; empty if there is none. */
  digestAt(index: number): string;
}

export interface Watched {
  readonly job: JobId;
  readonly rounds: RoundStore;
  /** Every site that is in some roster. */
  readonly everyone: readonly SiteId[];
  readonly log: RecordsSeen;
  /** The attempts as they were looked at last, by their context. */
  readonly seen: Map<Digest, Attempt>;
  /** 7: refuses a message that its sender did not sign, or not for this round. */
  verify(message: StoredMessage, context: Digest): void;
  /** The job under an adopted roster. */
  documentUnder(rosterHash: Digest): Promise<JobDocument>;
  /** Sites in the sum of a set, each as often as it is there; undefined if there is no such sum. */
  summands(stored: StoredRound, sum: Published): Promise<readonly SiteId[] | undefined>;
}

/** One attempt of a round at one version. */
export interface Attempt {
  readonly stored: StoredRound;
  readonly messages: readonly StoredMessage[];
  /** Roots of the sets that its openings name. */
  readonly opened: readonly Digest[];
}
