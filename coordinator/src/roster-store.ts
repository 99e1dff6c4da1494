// The port through which the coordinator keeps the chain of rosters: adopted versions, and the one that is proposed to follow.
import type { Bytes, Digest, SignedMessage, SiteId } from '@blindsum/proto';

/** Why a site will not approve a proposal, in its own words; for operators. */
export interface RosterRefusal {
  readonly site: SiteId;
  readonly reason: string;
}

/** A version of the roster, proposed or adopted. */
export interface RosterEntry {
  /** Exact bytes, which the approvals name by hash. */
  readonly roster: Bytes;
  readonly hash: Digest;
  readonly state: 'proposed' | 'adopted';
  /** In the order in which they came; of an adopted version, those that it was adopted with. */
  readonly approvals: readonly SignedMessage[];
  readonly refusals: readonly RosterRefusal[];
}

export interface StoredRoster extends RosterEntry {
  /** 1 and up. */
  readonly version: number;
  /** 1 and up, one more with each write. */
  readonly revision: number;
}

/** Versions of the roster, with the same promises as RoundStore. An adopted version never changes. */
export interface RosterStore {
  /** The highest version. */
  head(): Promise<Pick<StoredRoster, 'version' | 'revision'> | undefined>;
  load(version: number): Promise<StoredRoster | undefined>;
  /**
   * Stores the next revision of a version, the first one if `before` is undefined, or writes nothing and returns undefined if
   * `before` is no longer the latest or is adopted.
   */
  replace(
    version: number,
    before: StoredRoster | undefined,
    after: RosterEntry,
  ): Promise<StoredRoster | undefined>;
}
