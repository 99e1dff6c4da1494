// What left this site: recorded before it leaves, counted by kind and attempt, and never its content.
import type { SentKind } from './sent-forms.ts';

/** What a message is about; without a job for what concerns the site as a whole. */
export interface SentAbout {
  readonly kind: SentKind;
  readonly job?: string | undefined;
  /** With its attempt, 1 and up. */
  readonly round?: number | undefined;
  readonly attempt?: number | undefined;
}

export type SentMessage = SentAbout & {
  /** Of the messages, without what TLS and HTTP/2 add. */
  readonly bytes: number;
  /** Messages; 0 for another part of one that has begun. 1 unless given. */
  readonly times?: number;
  readonly atMs: number;
};

/** Messages of one kind about one attempt; of earlier rounds, and at last of earlier jobs, only the totals are kept. */
export type SentTotal = SentAbout & {
  readonly times: number;
  readonly bytes: number;
  readonly firstMs: number;
  readonly lastMs: number;
};

/** Throws what the disk says: what cannot be recorded does not leave. */
export interface SentLedger {
  /** Outlives the process once it returns; outlives the loss of power with a later write of the journal or some seconds later. */
  record(sent: SentMessage): void;
  /** The latest first. */
  totals(): readonly SentTotal[];
}

/** When the coordinator last answered, and when it last did not. */
export interface Contact {
  readonly answeredMs?: number;
  readonly failedMs?: number;
  /** Why it did not; one line. */
  readonly failure?: string;
}

export interface ContactLog {
  recordAnswer(atMs: number): void;
  recordFailure(atMs: number, why: string): void;
  contact(): Contact;
}
