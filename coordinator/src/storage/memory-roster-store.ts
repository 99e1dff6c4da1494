// The chain of rosters in memory, for tests and simulations.
import type { RosterEntry, RosterStore, StoredRoster } from '../roster-store.ts';

/** RosterStore without durability. */
export class MemoryRosterStore implements RosterStore {
  readonly #rows = new Map<number, StoredRoster>();

  async head() {
    const version = Math.max(...this.#rows.keys());
    return this.#rows.get(version);
  }

  async load(version: number): Promise<StoredRoster | undefined> {
    return this.#rows.get(version);
  }

  async replace(
    version: number,
    before: StoredRoster | undefined,
    after: RosterEntry,
  ): Promise<StoredRoster | undefined> {
    const held = this.#rows.get(version);
    if (held?.revision !== before?.revision || held?.state === 'adopted') return undefined;
    const stored = { ...structuredClone(after), version, revision: (before?.revision ?? 0) + 1 };
    this.#rows.set(version, stored);
    return stored;
  }
}
