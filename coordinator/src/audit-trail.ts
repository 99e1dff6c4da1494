// The port through which administrative actions are written down, and what is written (proto/src/trail-entry.ts).
import { randomBytes } from 'node:crypto';
import { TRAIL_SALT_BYTES, toHex, type Bytes, type TrailActor, type TrailEntry } from '@blindsum/proto';

/** An entry before it has its place. */
export type TrailDraft = Omit<TrailEntry, 'sequence' | 'previous'>;

/**
 * Entries that are never changed or removed, each with the hash of the one before. An entry is durable once `append` returns;
 * calls are serialisable, also across processes. After an error the entry may be there: repeating adds another one.
 */
export interface AuditTrail {
  /** Appends with the next number, or with `least` if that is larger: the numbers between are lost. Returns the entry. */
  append(draft: TrailDraft, least?: number): Promise<TrailEntry>;
  /** The bytes of up to `limit` entries whose number is larger than `after`, in their order. */
  read(after: number, limit: number): Promise<readonly Bytes[]>;
  /** The number of the last entry; 0 for none. */
  last(): Promise<number>;
  /** Entries `begun` that no other completes, in their order. */
  unfinished(): Promise<readonly TrailEntry[]>;
}

/** Who asks, and from where. */
export interface Caller {
  readonly actor: TrailActor;
  /** Address, or what it came through. */
  readonly from: string;
}

/** The coordinator itself. */
export const COORDINATOR: Caller = { actor: { kind: 'coordinator' }, from: 'coordinator' };

/** Without it, the root in the public log over a few entries could be guessed open. */
export function createSalt(): string {
  return toHex(randomBytes(TRAIL_SALT_BYTES));
}
