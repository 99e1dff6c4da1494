// Requests for checkpoints in memory, for tests and simulations.
import type { JobId } from '@blindsum/proto';
import type { CheckpointStore, StoredCheckpoint } from '../ports.ts';

/** CheckpointStore without durability. */
export class MemoryCheckpointStore implements CheckpointStore {
  readonly #rows = new Map<JobId, StoredCheckpoint>();

  async load(job: JobId): Promise<StoredCheckpoint | undefined> {
    return this.#rows.get(job);
  }

  async replace(
    job: JobId,
    before: StoredCheckpoint | undefined,
    after: Pick<StoredCheckpoint, 'request' | 'retired'>,
  ): Promise<StoredCheckpoint | undefined> {
    if (this.#rows.get(job)?.version !== before?.version) return undefined;
    const { request, retired } = structuredClone(after);
    const stored = { job, version: (before?.version ?? 0) + 1, request, retired };
    this.#rows.set(job, stored);
    return stored;
  }
}
