// What the round driver needs from the world. Each port promises what its user relies on; every implementation runs its contract suite.
import type { Bytes, Digest, JobId, SignedMessage, SiteId } from '@blindsum/proto';
import type { LogRecord } from '@blindsum/proto/tlog';
import type { CheckpointRequest } from './round/checkpoint-request.ts';
import type { Effect, Round, SealedSet, Sum } from './round/round.ts';

// All of these may find the disk full: then they write nothing and refuse QUOTA_EXCEEDED (disk/full-disk.ts), and the same again
// succeeds once there is room.

/** One attempt of one round. */
export interface RoundId {
  readonly job: JobId;
  readonly round: number;
  readonly attempt: number;
}

export interface StoredRound {
  readonly id: RoundId;
  /** 1 and up, one more with each write. */
  readonly version: number;
  readonly round: Round;
  /** In order; settled first to last. */
  readonly owed: readonly Effect[];
  readonly startedMs: number;
}

/** A signed message as it arrived. `subject` differs from `site` only for a checksum signed by a proxy. */
export interface StoredMessage {
  readonly type: 'commitment' | 'acknowledgement' | 'complaint' | 'checksum' | 'opening' | 'attestation';
  readonly site: SiteId;
  readonly subject: SiteId;
  readonly message: SignedMessage;
}

/**
 * Rounds, with compare-and-swap. Calls for one id are serialisable, also across processes; a write is durable once it
 * returns. Implementations retry transient faults themselves, so an error from here is fatal.
 */
export interface RoundStore {
  load(id: RoundId): Promise<StoredRound | undefined>;
  /** Of each of these the version that `load` finds; undefined for one that is not there. A version never changes. */
  versions(ids: readonly RoundId[]): Promise<readonly (number | undefined)[]>;
  /** The versions of all rounds of all jobs, by job, round and attempt. */
  everyVersion(): Promise<readonly Pick<StoredRound, 'id' | 'version'>[]>;
  /** Creates the first version; returns the one that is there if it already exists. */
  create(
    id: RoundId,
    first: { round: Round; owed: readonly Effect[]; startedMs: number },
  ): Promise<StoredRound>;
  /**
   * Stores the next version together with the messages that led to it, or writes nothing and returns undefined if
   * `before` is no longer the latest. Messages are a set: the identical message (same type, site, subject and bytes)
   * again adds nothing, and another one is kept beside it (a site acknowledges each set sealed in an attempt).
   */
  replace(
    before: StoredRound,
    after: { round: Round; owed: readonly Effect[] },
    messages: readonly StoredMessage[],
  ): Promise<StoredRound | undefined>;
  /** All messages of the round, in the order in which they were first stored. */
  messages(id: RoundId): Promise<readonly StoredMessage[]>;
  /** Every round of a job, by round and attempt. */
  list(job: JobId): Promise<readonly StoredRound[]>;
  /** The rounds of all jobs that owe something, by job, round and attempt. */
  owing(): Promise<readonly RoundId[]>;
}

/** What a job that waits between two rounds goes on from. */
export interface Position {
  /** The attempt that ended last. */
  readonly last: RoundId;
  /** Digest of the job's latest `round` record; empty before the first. */
  readonly lastRecord: Digest | '';
}

/** A job at a round: it holds one of the places that `limits.maxRunningJobs` counts. */
export interface AtRound {
  readonly current: RoundId;
  /** Digest of the job's latest `round` record; empty before the first. */
  readonly lastRecord: Digest | '';
}

export type JobStatus =
  | { readonly state: 'joining' }
  /** Ready to go on once a place is free; those that were ready first come first. Without `after` it starts. */
  | { readonly state: 'queued'; readonly readyMs: number; readonly after?: Position }
  /** Its roster and manifest are being logged, with the consents of these sites (roster order). It holds a place. */
  | { readonly state: 'starting'; readonly consented: readonly SiteId[]; readonly rosterHash: Digest }
  /** Its next round is being created. It holds a place. */
  | { readonly state: 'resuming'; readonly after: Position }
  | ({ readonly state: 'running' } & AtRound)
  /** Its current round is the last one before it is paused. */
  | ({ readonly state: 'pausing' } & AtRound)
  /** Its current round is to fail, and the job with it. */
  | ({ readonly state: 'cancelling'; readonly reason: string } & AtRound)
  /** Until an operator resumes it. Without `after` it has not started. */
  | { readonly state: 'paused'; readonly after?: Position }
  | { readonly state: 'finished'; readonly last: RoundId; readonly modelHash: Digest }
  | { readonly state: 'failed'; readonly reason: string; readonly last?: RoundId }
  | { readonly state: 'cancelled'; readonly reason: string; readonly last?: RoundId };

/** A job without its documents, which may be large. */
export interface JobHead {
  readonly job: JobId;
  readonly version: number;
  readonly status: JobStatus;
  readonly submittedMs: number;
}

/** The documents of a job, exact bytes. */
export interface JobBytes {
  readonly manifest: Bytes;
  /** Ed25519 signature of the author whom the manifest names, 64 bytes. */
  readonly authorSignature: Bytes;
  readonly roster: Bytes;
}

export interface StoredJob extends JobHead, JobBytes {}

/** Jobs, consents and withdrawals, with the same promises as RoundStore. */
export interface JobStore {
  load(job: JobId): Promise<StoredJob | undefined>;
  /** Without the documents, which are of the size of the roster. */
  head(job: JobId): Promise<JobHead | undefined>;
  /** In the order in which they were submitted. */
  list(): Promise<readonly JobHead[]>;
  /** Those that have not ended, in the same order. */
  open(): Promise<readonly JobHead[]>;
  /**
   * Refuses CONFLICTING_SUBMISSION for another manifest or roster under the same name; the same again returns what is there,
   * with the signature that came first.
   */
  create(job: Omit<StoredJob, 'version'>): Promise<StoredJob>;
  /** Stores the next version, or writes nothing and returns undefined if `before` is no longer the latest. */
  replace(before: JobHead, status: JobStatus): Promise<JobHead | undefined>;
  /** The same consent again is a retry; another one of the site is refused (CONFLICTING_SUBMISSION); NOT_FOUND without the job. */
  addConsent(job: JobId, site: SiteId, consent: SignedMessage): Promise<void>;
  consents(job: JobId): Promise<ReadonlyMap<SiteId, SignedMessage>>;
  /** As addConsent: a site withdraws from a job once, and for good. */
  addWithdrawal(job: JobId, site: SiteId, withdrawal: SignedMessage): Promise<void>;
  withdrawals(job: JobId): Promise<ReadonlyMap<SiteId, SignedMessage>>;
  /** Who has withdrawn, sorted, for each job from which anybody has. */
  withdrawn(): Promise<ReadonlyMap<JobId, readonly SiteId[]>>;
  /** The jobs that a site consented to, and those that it withdrew from. */
  saidBy(site: SiteId): Promise<SaidBySite>;
}

export interface SaidBySite {
  readonly consented: ReadonlySet<JobId>;
  readonly withdrawn: ReadonlySet<JobId>;
}

export const BLOB_KINDS = ['ciphertext', 'shares', 'opening', 'checkpoint', 'model', 'sum'] as const;
export type BlobKind = (typeof BLOB_KINDS)[number];

/** A job's request for the sealed model of its latest published round. */
export interface StoredCheckpoint {
  readonly job: JobId;
  /** 1 and up, one more with each write, also from one round to the next. */
  readonly version: number;
  readonly request: CheckpointRequest;
  /** Of an earlier round or roster, whose bytes are still to be removed. */
  readonly retired:
    | {
        readonly round: number;
        readonly attempt: number;
        readonly sealers: readonly SiteId[];
        readonly sealedFor: Digest;
      }
    | undefined;
}

/** One request for each job, with the same promises as RoundStore. */
export interface CheckpointStore {
  load(job: JobId): Promise<StoredCheckpoint | undefined>;
  /**
   * Stores the next version, the first one if `before` is undefined, or writes nothing and returns undefined if `before` is no
   * longer the latest.
   */
  replace(
    job: JobId,
    before: StoredCheckpoint | undefined,
    after: Pick<StoredCheckpoint, 'request' | 'retired'>,
  ): Promise<StoredCheckpoint | undefined>;
}

/** What a site uploaded for a round, or the sum that the coordinator made. */
export interface BlobName {
  readonly id: RoundId;
  readonly kind: BlobKind;
  /** The uploading site; for a sum, the root of its set. */
  readonly owner: SiteId | Digest;
}

export interface StoredBlob {
  readonly name: BlobName;
  /** Bytes that are there; 0 for one whose first append has not ended. */
  readonly bytes: number;
}

/**
 * Bytes by name, written front to back. `append` returns when the bytes are durable; after a crash the length is that of
 * the last append that returned, or of one that was under way and completed.
 */
export interface BlobStore {
  /** Bytes that are there; 0 for an unknown name. */
  size(name: BlobName): Promise<number>;
  /** Appends at `offset`, which must be the current size (PART_OUT_OF_ORDER otherwise). */
  append(name: BlobName, offset: number, bytes: Bytes): Promise<void>;
  /** Exactly `length` bytes, or NOT_FOUND. */
  read(name: BlobName, offset: number, length: number): Promise<Bytes>;
  /** Does nothing for an unknown name. */
  remove(name: BlobName): Promise<void>;
  /** Every blob of a job, or of one of its rounds with all attempts, in no particular order. */
  list(job: JobId, round?: number): Promise<readonly StoredBlob[]>;
}

/** Adds up the ciphertexts of a set, part by part, in bounded memory. Repeating it gives the same bytes. */
export interface Aggregator {
  sum(task: SumTask): Promise<Sum>;
}

export interface SumTask {
  readonly id: RoundId;
  readonly context: Digest;
  readonly set: SealedSet;
  readonly chunks: number;
}

/**
 * The transparency log as the drivers use it. `append` returns when the record is durable and covered by a checkpoint. The
 * same record again returns the same index; another one of the same name is refused (CONFLICTING_SUBMISSION).
 */
export interface RecordLog {
  append(record: LogRecord): Promise<{ index: number }>;
}

export interface Clock {
  nowMs(): number;
}
