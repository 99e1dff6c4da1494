// The port through which sessions of browsers are kept. What the cookie holds is not among what is kept.
import type { Digest, TrailActor } from '@blindsum/proto';

export interface Session {
  /** SHA-256 of what the cookie holds. */
  readonly hash: Digest;
  /** Who signed in: a person, or whoever held an API key. */
  readonly actor: Extract<TrailActor, { kind: 'key' | 'person' }>;
  readonly createdMs: number;
  /** Whatever happens. */
  readonly endsMs: number;
  /** To the minute. */
  readonly lastUsedMs: number;
}

/** Sessions, by the hash of their secret. A write is durable once it returns. */
export interface SessionStore {
  create(session: Session): Promise<void>;
  load(hash: Digest): Promise<Session | undefined>;
  /** Does nothing for one that is not there. */
  used(hash: Digest, atMs: number): Promise<void>;
  /** True if it was there. */
  remove(hash: Digest): Promise<boolean>;
  /** Removes those that have ended, or were not used since. */
  removeBefore(limits: { readonly endsMs: number; readonly lastUsedMs: number }): Promise<void>;
}
