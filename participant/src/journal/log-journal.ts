// What a site keeps of the transparency log: whose it is, the last checkpoint that it has verified, what made it stop, and what the
// log promised for its commitments.
import type { Digest, RefusalCode, SignedMessage } from '@blindsum/proto';
import type { KeptHead, KnownLog } from '../session/known-log.ts';
import type { RoundReference } from '../session/round-snapshot.ts';

/** A log that shrank or forked. While it stands, this site contributes nothing. */
export interface LogAlarm {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly atMs: number;
  /** Name of the file that holds both checkpoints. */
  readonly evidence: string;
}

export interface StoredPromise {
  readonly id: RoundReference;
  readonly message: SignedMessage;
  /** True once the record of the attempt's end is kept, under a checkpoint with the members' quorum. */
  readonly isSettled: boolean;
}

/** With the promises of Journal. */
export interface LogJournal {
  known(): KnownLog | undefined;
  head(): KeptHead | undefined;
  /** Pins the log and its first checkpoint; the first one stays, and is what `known` gives. */
  adopt(log: KnownLog, head: KeptHead): void;
  /** Keeps `next` in the place of `before`; false, and nothing is changed, when another one took that place. */
  advance(before: KeptHead, next: KeptHead): boolean;
  /** The first one stays until it is answered. */
  raise(alarm: LogAlarm): void;
  alarm(): LogAlarm | undefined;
  /** A person has looked: the log that was known is forgotten, and the next one that is shown is pinned. Refuses NOT_FOUND. */
  reset(answer: { readonly decidedBy: string; readonly reason: string; readonly atMs: number }): void;
  /** The first promise of an attempt stays. */
  recordPromise(id: RoundReference, message: SignedMessage): void;
  /** In the order in which they came. */
  promises(): readonly StoredPromise[];
  /** Throws when there is no such promise. */
  settle(id: RoundReference): void;
}

/** Names the evidence of a log that contradicts itself by both of its checkpoints. */
export function toEvidenceName(digest: Digest): string {
  return `log-evidence-${digest.slice(0, 16)}.txt`;
}
