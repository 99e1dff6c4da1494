// Credentials of programs and people: `bsk_<key>_<secret>`, of which the secret is shown once, to whoever asked for it.
import { randomBytes } from 'node:crypto';
import { Refusal, refuseUnless, type Scope } from '@blindsum/proto';
import type { Clock } from '../ports.ts';
import type { ApiKey, ApiKeyChange, ApiKeyStore } from './api-key-store.ts';
import { noteUse } from './note-use.ts';
import { createSecret, hashSecret, isSecretOf } from './secret-hash.ts';

/** A key, and the only copy of its credential. */
export interface IssuedKey {
  readonly stored: ApiKey;
  readonly credential: string;
}

export interface KeyTerms {
  readonly name: string;
  readonly scope: Scope;
  /** From now on; undefined for ever. */
  readonly lifetimeMs: number | undefined;
}

const CREDENTIAL = /^bsk_([0-9a-f]{16})_([0-9a-f]{64})$/;
const KEY_BYTES = 8;
/** A use is not written more often: each write costs a flush of the disk. */
const USE_MS = 60_000;

export class ApiKeys {
  readonly #store: ApiKeyStore;
  readonly #clock: Clock;

  constructor(store: ApiKeyStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async create({ name, scope, lifetimeMs }: KeyTerms): Promise<IssuedKey> {
    const [secret, createdMs] = [createSecret(), this.#clock.nowMs()];
    const key = randomBytes(KEY_BYTES).toString('hex');
    const expiresMs = lifetimeMs === undefined ? undefined : createdMs + lifetimeMs;
    const secretHash = hashSecret(secret);
    const stored = await this.#store.create({ key, name, scope, secretHash, createdMs, expiresMs });
    return { stored, credential: toCredential(key, secret) };
  }

  list(): Promise<readonly ApiKey[]> {
    return this.#store.list();
  }

  /** Refuses NOT_FOUND. */
  async load(key: string): Promise<ApiKey> {
    const stored = await this.#store.load(key);
    if (!stored) throw new Refusal('NOT_FOUND', 'there is no such API key');
    return stored;
  }

  /**
   * Gives the key another secret; the one it has stays good for `overlapMs`, and one before that ends at once. Refuses NOT_FOUND, and
   * WRONG_PHASE for a key that has ended.
   */
  async rotate(key: string, overlapMs: number): Promise<IssuedKey> {
    const secret = createSecret();
    const nowMs = this.#clock.nowMs();
    const stored = await this.#change(key, (before) => {
      refuseUnless(isGood(before, nowMs), 'WRONG_PHASE', 'the API key has expired or was revoked');
      const retired = { hash: before.secretHash, untilMs: nowMs + overlapMs };
      return { secretHash: hashSecret(secret), retired, revokedMs: undefined };
    });
    return { stored, credential: toCredential(key, secret) };
  }

  /** Ends the key at once; again is a retry. Refuses NOT_FOUND. */
  revoke(key: string): Promise<ApiKey> {
    const revokedMs = this.#clock.nowMs();
    return this.#change(key, (before) =>
      before.revokedMs === undefined ? { ...before, retired: undefined, revokedMs } : before,
    );
  }

  /** The key of a credential. Refuses UNAUTHENTICATED: MALFORMED ones as unknown ones, whose secret is wrong, all in the same words. */
  async authenticate(credential: string): Promise<ApiKey> {
    const [, key = '', secret = ''] = CREDENTIAL.exec(credential) ?? [];
    const stored = key === '' ? undefined : await this.#store.load(key);
    const nowMs = this.#clock.nowMs();
    if (!stored || !isSecretNow(stored, secret, nowMs)) throw unknown();
    this.verifyGood(stored);
    if (nowMs - (stored.lastUsedMs ?? 0) >= USE_MS) await noteUse(() => this.#store.used(key, nowMs));
    return stored;
  }

  /** Refuses UNAUTHENTICATED for a key that has expired or was revoked. */
  verifyGood(stored: ApiKey): void {
    refuseUnless(stored.revokedMs === undefined, 'UNAUTHENTICATED', 'the API key was revoked');
    refuseUnless(isGood(stored, this.#clock.nowMs()), 'UNAUTHENTICATED', 'the API key has expired');
  }

  async #change(key: string, toChange: (before: ApiKey) => ApiKeyChange): Promise<ApiKey> {
    for (;;) {
      const before = await this.load(key);
      const change = toChange(before);
      if (change === before) return before;
      const stored = await this.#store.replace(before, change);
      if (stored) return stored;
    }
  }
}

function toCredential(key: string, secret: string): string {
  return `bsk_${key}_${secret}`;
}

function isGood({ revokedMs, expiresMs }: ApiKey, nowMs: number): boolean {
  return revokedMs === undefined && (expiresMs === undefined || nowMs < expiresMs);
}

function isSecretNow({ secretHash, retired }: ApiKey, secret: string, nowMs: number): boolean {
  if (isSecretOf(secret, secretHash)) return true;
  return retired !== undefined && nowMs < retired.untilMs && isSecretOf(secret, retired.hash);
}

function unknown(): Refusal {
  return new Refusal('UNAUTHENTICATED', 'the API key is not known');
}
