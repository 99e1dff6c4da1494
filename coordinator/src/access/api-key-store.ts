// The port through which credentials of operators and auditors are kept. Secrets are not among what is kept.
import type { Digest, Scope } from '@blindsum/proto';

export interface ApiKey {
  /** 16 hexadecimal digits: names it in the credential and in the trail. */
  readonly key: string;
  /** 1 and up, one more with each replacement. */
  readonly version: number;
  /** For people. */
  readonly name: string;
  readonly scope: Scope;
  /** SHA-256 of the secret. */
  readonly secretHash: Digest;
  /** The secret before, and until when it is good too. */
  readonly retired: { readonly hash: Digest; readonly untilMs: number } | undefined;
  readonly createdMs: number;
  /** Undefined: never. */
  readonly expiresMs: number | undefined;
  readonly revokedMs: number | undefined;
  /** To the minute. */
  readonly lastUsedMs: number | undefined;
}

/** What a key is made of. */
export type NewApiKey = Omit<ApiKey, 'version' | 'retired' | 'revokedMs' | 'lastUsedMs'>;

/** What may change in one that is there. */
export type ApiKeyChange = Pick<ApiKey, 'secretHash' | 'retired' | 'revokedMs'>;

/** Keys, with compare-and-swap. Calls are serialisable, also across processes; a write is durable once it returns. Keys are never removed. */
export interface ApiKeyStore {
  /** Refuses CONFLICTING_SUBMISSION for a name of a key (`key`) that is taken. */
  create(key: NewApiKey): Promise<ApiKey>;
  load(key: string): Promise<ApiKey | undefined>;
  /** Every key, the oldest first. */
  list(): Promise<readonly ApiKey[]>;
  /** Stores the next version, or writes nothing and returns undefined if `before` is no longer the latest. */
  replace(before: ApiKey, change: ApiKeyChange): Promise<ApiKey | undefined>;
  /** Notes a use, which is no new version; an earlier one than is noted changes nothing. */
  used(key: string, atMs: number): Promise<void>;
}
