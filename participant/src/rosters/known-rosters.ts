// The rosters that a site knows: a chain whose every step it has verified itself, and which of them it takes part under.
import { parseRoster, type Digest, type Roster } from '@blindsum/proto';
import type { RosterJournal, StoredRoster } from '../journal/journal.ts';

export interface KnownRoster {
  readonly roster: Roster;
  readonly hash: Digest;
  readonly isAccepted: boolean;
}

export class KnownRosters {
  readonly #journal: Pick<RosterJournal, 'rosters'>;
  /** The bytes of a version never change. */
  readonly #parsed = new Map<Digest, Roster>();

  constructor(journal: Pick<RosterJournal, 'rosters'>) {
    this.#journal = journal;
  }

  /** By version, from the first on. Read anew: a person may have approved one meanwhile. */
  all(): KnownRoster[] {
    return this.#journal.rosters().map((stored) => this.#toKnown(stored));
  }

  byHash(hash: Digest): KnownRoster | undefined {
    return this.all().find((known) => known.hash === hash);
  }

  /** The latest one that this site takes part under. */
  latestAccepted(): KnownRoster | undefined {
    return this.all().findLast(({ isAccepted }) => isAccepted);
  }

  #toKnown({ hash, roster, isAccepted }: StoredRoster): KnownRoster {
    const parsed = this.#parsed.get(hash) ?? parseRoster(roster);
    this.#parsed.set(hash, parsed);
    return { roster: parsed, hash, isAccepted };
  }
}
