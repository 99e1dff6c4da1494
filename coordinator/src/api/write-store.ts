// The port through which it is kept which writes were asked for under which idempotency key.
import type { Digest } from '@blindsum/proto';

/** What a write was answered with. */
export interface KeptAnswer {
  readonly status: number;
  readonly location: string | undefined;
  /** JSON; undefined for one that held a secret, which is kept nowhere. */
  readonly text: string | undefined;
}

export interface KeptWrite {
  /** Hash of who asked, and of the key. */
  readonly name: Digest;
  /** Hash of what was asked. */
  readonly request: Digest;
  readonly begunMs: number;
  /** Undefined as long as nobody knows what became of it. */
  readonly answer: KeptAnswer | undefined;
}

/** Calls for one name are serialisable, also across processes; a write is durable once it returns. */
export interface WriteStore {
  /** Keeps it without an answer, unless there is one of that name: then nothing is written, and that one is returned. */
  begin(write: Omit<KeptWrite, 'answer'>): Promise<KeptWrite | undefined>;
  /** Does nothing for one that is not there. */
  finish(name: Digest, answer: KeptAnswer): Promise<void>;
  /** Does nothing for one that is not there. */
  remove(name: Digest): Promise<void>;
  /** Removes those that began before then. */
  removeBefore(begunMs: number): Promise<void>;
}
