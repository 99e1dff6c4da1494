// Cosigned checkpoints in memory, for tests and simulations.
import type { CosignatureStore, CosignedNote } from '../witnessing/cosignature-store.ts';

/** CosignatureStore without durability. */
export class MemoryCosignatureStore implements CosignatureStore {
  readonly #rows = new Map<number, CosignedNote>();

  async load(size: number): Promise<CosignedNote | undefined> {
    return this.#rows.get(size);
  }

  async latest(which: 'any' | 'with quorum'): Promise<CosignedNote | undefined> {
    const rows = [...this.#rows.values()].filter(({ hasQuorum }) => which === 'any' || hasQuorum);
    return rows.toSorted((a, b) => a.size - b.size).at(-1);
  }

  async replace(
    size: number,
    before: CosignedNote | undefined,
    { note, hasQuorum }: Pick<CosignedNote, 'note' | 'hasQuorum'>,
  ): Promise<CosignedNote | undefined> {
    if (this.#rows.get(size)?.version !== before?.version) return undefined;
    const stored = { size, version: (before?.version ?? 0) + 1, note, hasQuorum };
    this.#rows.set(size, stored);
    return stored;
  }

  async removeBelow(size: number): Promise<void> {
    for (const known of this.#rows.keys()) if (known < size) this.#rows.delete(known);
  }
}
