// The port through which the coordinator keeps what members say about making models public.
import type { JobId } from '@blindsum/proto';
import type { RoundId } from '../ports.ts';
import type { Release } from './release.ts';

export interface StoredRelease {
  /** The attempt that was published. */
  readonly id: RoundId;
  /** 1 and up, one more with each write. */
  readonly version: number;
  readonly release: Release;
}

/** One release for each round of a job, with the same promises as RoundStore. */
export interface ReleaseStore {
  load(job: JobId, round: number): Promise<StoredRelease | undefined>;
  /** All of them, by job and round. */
  list(): Promise<readonly StoredRelease[]>;
  /**
   * Stores the next version, the first one if `before` is undefined, or writes nothing and returns undefined if `before` is no
   * longer the latest.
   */
  replace(id: RoundId, before: StoredRelease | undefined, after: Release): Promise<StoredRelease | undefined>;
}
