// Releases in memory, for tests and simulations.
import type { JobId } from '@blindsum/proto';
import type { RoundId } from '../ports.ts';
import type { Release } from '../release/release.ts';
import type { ReleaseStore, StoredRelease } from '../release/release-store.ts';

/** ReleaseStore without durability. */
export class MemoryReleaseStore implements ReleaseStore {
  readonly #rows = new Map<string, StoredRelease>();

  async load(job: JobId, round: number): Promise<StoredRelease | undefined> {
    return this.#rows.get(`${job}/${round}`);
  }

  async list(): Promise<readonly StoredRelease[]> {
    return [...this.#rows.values()].toSorted(
      (a, b) => (a.id.job < b.id.job ? -1 : a.id.job > b.id.job ? 1 : 0) || a.id.round - b.id.round,
    );
  }

  async replace(
    id: RoundId,
    before: StoredRelease | undefined,
    after: Release,
  ): Promise<StoredRelease | undefined> {
    const key = `${id.job}/${id.round}`;
    if (this.#rows.get(key)?.version !== before?.version) return undefined;
    const stored = { id, version: (before?.version ?? 0) + 1, release: structuredClone(after) };
    this.#rows.set(key, stored);
    return stored;
  }
}
