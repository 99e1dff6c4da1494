// What a session needs from the world besides training, encryption and its journal: the coordinator, and a clock.
import type { Bytes, Digest, JobId, MessageType, RosterLink, SignedMessage, SiteId } from '@blindsum/proto';
import type { ShownHead, ShownRecord } from './session/known-log.ts';
import type { ShownLog } from './session/log-head.ts';
import type { JobSnapshot, RoundReference } from './session/round-snapshot.ts';

/**
 * The coordinator as a site sees it. What arrives is well-formed and otherwise not believed. Rejects with a Refusal:
 * UNAVAILABLE when it cannot be reached or does not answer in time, MALFORMED for what it may not say, and with its own
 * code when it refuses. Every call may be repeated.
 */
export interface Coordinator {
  listJobs(): Promise<readonly JobListing[]>;
  /** Exact bytes, as the site's consent will name them by hash. */
  job(job: JobId): Promise<JobDocuments>;
  /**
   * The job once its version differs from `knownVersion`, or as it is after `waitMs` (0..30000). Whoever does something else
   * meanwhile may end the wait by a signal: then it may reject.
   */
  watch(job: JobId, knownVersion: bigint, waitMs: number, signal?: AbortSignal): Promise<JobSnapshot>;
  sendConsent(job: JobId, consent: SignedMessage): Promise<void>;
  sendWithdrawal(job: JobId, withdrawal: SignedMessage): Promise<void>;
  send(
    type: Exclude<RoundMessageType, 'commitment'>,
    ref: RoundReference,
    message: SignedMessage,
  ): Promise<void>;
  /** Returns the log's promise, which nobody has verified yet. */
  commit(ref: RoundReference, commitment: SignedMessage): Promise<SignedMessage>;
  /** Shown to operators. Returns when to send the next one. */
  heartbeat(status: SiteStatus): Promise<{ readonly intervalMs: number }>;
}

/** The chain of rosters as the coordinator shows it: well-formed, and not believed. Rejects as Coordinator does. */
export interface RosterSource {
  /** Adopted versions from `version` (1 and up) on, or the first of them, and what is proposed after the last one. */
  rosters(version: number): Promise<ShownRosters>;
  approveRoster(approval: SignedMessage): Promise<void>;
  /** Tells the operator why, in one line of at most 200 characters. */
  refuseRoster(roster: { readonly version: number; readonly hash: Digest }, reason: string): Promise<void>;
}

/** The transparency log as the coordinator shows it: well-formed, and not believed. Rejects as Coordinator does. */
export interface LogSource {
  /** Of a log that this site does not know yet. */
  introduction(): Promise<ShownLog>;
  /** The latest checkpoint, with a proof from the size that this site keeps; 0 for none. */
  checkpoint(oldSize: bigint): Promise<ShownHead>;
  record(
    wanted: WantedRecord,
    oldSize: bigint,
  ): Promise<{ readonly head: ShownHead; readonly record: ShownRecord }>;
  /** Signature lines about the checkpoint of that size. */
  cosign(size: bigint, lines: Bytes): Promise<void>;
  /** Shows the coordinator a checkpoint of its log that contradicts what it shows. */
  show(note: Bytes): Promise<void>;
}

/** What a site asks for of an attempt: a set that was sealed, or how the attempt ended. */
export type WantedRecord =
  | { readonly kind: 'sealed'; readonly ref: RoundReference; readonly setAttempt: number }
  | { readonly kind: 'end'; readonly ref: RoundReference };

export interface ShownRosters {
  readonly links: readonly RosterLink[];
  /** There are more than were shown; then nothing is said of a proposal. */
  readonly more: boolean;
  readonly proposal: RosterLink | undefined;
}

export interface JobListing {
  readonly job: JobId;
  readonly state: JobSnapshot['state'];
}

export interface JobDocuments {
  readonly manifest: Bytes;
  /** Said to be of the author whom the manifest names. */
  readonly authorSignature: Bytes;
  readonly roster: Bytes;
}

export type RoundMessageType = Exclude<
  MessageType,
  'consent' | 'withdrawal' | 'roster-approval' | 'model-release'
>;

export interface SiteStatus {
  readonly version: string;
  /** gpu, node, wasm or cpu; empty before training. */
  readonly backend: string;
  /** A short word. */
  readonly activity: string;
  /** Progress of the activity, 0..1000. */
  readonly permille: number;
}

/** Moves bulk bytes. Rejects as Coordinator does; a call that was cut short goes on where it stopped when repeated. */
export interface Transfers {
  /**
   * Sends a file that the coordinator may have in part; returns the bytes that went out. `onStart` is told how many bytes the
   * coordinator has already, before the others go out.
   */
  upload(
    ref: RoundReference,
    kind: UploadKind,
    path: string,
    onStart?: (offset: number) => void,
  ): Promise<number>;
  /** Fetches so many bytes to a file, complete when this returns; nobody has checked their root yet. */
  download(ref: RoundReference, source: DownloadSource, target: DownloadTarget): Promise<void>;
  /** At most `limit` records addressed to this site. */
  records(ref: RoundReference, kind: 'shares' | 'openings', limit: number): Promise<readonly SealedRecord[]>;
}

export type UploadKind = 'ciphertext' | 'shares' | 'opening' | 'checkpoint' | 'model';

/** The sum, one contributor's ciphertext, or the checkpoint that a site sealed. */
export type DownloadSource =
  { readonly kind: 'sum' } | { readonly kind: 'contribution' | 'checkpoint'; readonly site: SiteId };

export interface DownloadTarget {
  readonly path: string;
  /** Length of the whole. */
  readonly bytes: number;
}

/** A record sealed to this site. */
export interface SealedRecord {
  /** Who is said to have sealed it. */
  readonly site: SiteId;
  readonly sealed: Bytes;
  readonly proof: readonly Bytes[];
}

export interface Clock {
  nowMs(): number;
  /** Resolves after `ms`, or at once when the program is told to stop. */
  sleep(ms: number): Promise<void>;
}
