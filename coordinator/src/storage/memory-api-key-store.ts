// Credentials in memory, for tests.
import { refuseUnless } from '@blindsum/proto';
import type { ApiKey, ApiKeyChange, ApiKeyStore, NewApiKey } from '../access/api-key-store.ts';

/** ApiKeyStore without durability. */
export class MemoryApiKeyStore implements ApiKeyStore {
  readonly #keys = new Map<string, ApiKey>();

  async create(key: NewApiKey): Promise<ApiKey> {
    refuseUnless(!this.#keys.has(key.key), 'CONFLICTING_SUBMISSION', 'there is an API key of that name');
    const stored = { ...key, version: 1, retired: undefined, revokedMs: undefined, lastUsedMs: undefined };
    this.#keys.set(key.key, stored);
    return stored;
  }

  async load(key: string): Promise<ApiKey | undefined> {
    return this.#keys.get(key);
  }

  async list(): Promise<readonly ApiKey[]> {
    return [...this.#keys.values()].sort((a, b) => a.createdMs - b.createdMs || (a.key < b.key ? -1 : 1));
  }

  async replace(
    before: ApiKey,
    { secretHash, retired, revokedMs }: ApiKeyChange,
  ): Promise<ApiKey | undefined> {
    const latest = this.#keys.get(before.key);
    if (latest?.version !== before.version) return undefined;
    const stored = { ...latest, secretHash, retired, revokedMs, version: before.version + 1 };
    this.#keys.set(before.key, stored);
    return stored;
  }

  async used(key: string, atMs: number): Promise<void> {
    const stored = this.#keys.get(key);
    if (!stored || (stored.lastUsedMs ?? 0) >= atMs) return;
    this.#keys.set(key, { ...stored, lastUsedMs: atMs });
  }
}
