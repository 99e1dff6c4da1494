// Tells those who wait inside this process that something about a job was stored. What changed they read from the stores.
import type { JobId } from '@blindsum/proto';

interface Entry {
  count: number;
  readonly waiting: Set<() => void>;
}

/** Counts the changes of each job. Read the count, look at the stores, then wait: no change is missed in between. */
export class JobChanges {
  readonly #entries = new Map<JobId, Entry>();
  readonly #noted: (job: JobId) => void;

  /** `noted` is told of every change as well. */
  constructor(noted: (job: JobId) => void = () => {}) {
    this.#noted = noted;
  }

  count(job: JobId): number {
    return this.#entry(job).count;
  }

  announce(job: JobId): void {
    const entry = this.#entry(job);
    entry.count++;
    this.#noted(job);
    for (const wake of entry.waiting) wake();
    entry.waiting.clear();
  }

  /** Resolves once the count is no longer `seen`, or when the signal aborts. */
  async after(job: JobId, seen: number, signal: AbortSignal): Promise<void> {
    const entry = this.#entry(job);
    if (entry.count !== seen || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    entry.waiting.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    entry.waiting.delete(resolve);
  }

  #entry(job: JobId): Entry {
    const entry = this.#entries.get(job) ?? { count: 0, waiting: new Set() };
    this.#entries.set(job, entry);
    return entry;
  }
}
