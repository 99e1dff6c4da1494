// The port through which the coordinator keeps the checkpoints of its log with the cosignatures that witnesses gave.

/** A checkpoint as it is published: the log's note, with every cosignature that was verified. */
export interface CosignedNote {
  /** Number of entries that it covers, 1 and up. */
  readonly size: number;
  /** 1 and up, one more with each write. */
  readonly version: number;
  readonly note: string;
  /** Whether its cosignatures met the quorum that was in force when the last one came. */
  readonly hasQuorum: boolean;
}

/** Cosigned checkpoints by size, with the same promises as RoundStore. */
export interface CosignatureStore {
  load(size: number): Promise<CosignedNote | undefined>;
  /** The largest one, or the largest one that has its quorum. */
  latest(which: 'any' | 'with quorum'): Promise<CosignedNote | undefined>;
  /**
   * Stores the next version of the note of that size, the first one if `before` is undefined, or writes nothing and returns
   * undefined if `before` is no longer the latest.
   */
  replace(
    size: number,
    before: CosignedNote | undefined,
    after: Pick<CosignedNote, 'note' | 'hasQuorum'>,
  ): Promise<CosignedNote | undefined>;
  /** Removes every note of fewer entries. */
  removeBelow(size: number): Promise<void>;
}
