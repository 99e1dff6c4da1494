// What the status of many jobs says of the round that each is at. A round is as large as its sites are many, and most of them have
// ended: what was seen of a round is remembered with its version, and the versions are asked for each time.
import type { Digest } from '@blindsum/proto';
import type { RoundId, RoundStore, StoredRound } from './ports.ts';
import { toRoundKey } from './round-names.ts';
import { awaitedIn, contributorsOf } from './round/attendance.ts';
import type { Finding, Round } from './round/round.ts';

export interface RoundOutline {
  readonly id: RoundId;
  readonly version: number;
  readonly rosterHash: Digest;
  readonly phase: Round['phase'];
  readonly sitesIn: number;
  readonly awaited: readonly Finding[];
  readonly isCarried: boolean;
}

/** One for each job that is listed, and more. */
const MAX_REMEMBERED = 4096;

export class RoundOutlines {
  readonly #rounds: Pick<RoundStore, 'load' | 'versions'>;
  readonly #remembered = new Map<string, RoundOutline>();

  constructor(rounds: Pick<RoundStore, 'load' | 'versions'>) {
    this.#rounds = rounds;
  }

  /** Of each of these rounds; undefined for one that is not there. */
  async of(ids: readonly RoundId[]): Promise<readonly (RoundOutline | undefined)[]> {
    if (ids.length === 0) return [];
    const versions = await this.#rounds.versions(ids);
    return Promise.all(ids.map((id, i) => this.#at(id, versions[i])));
  }

  async #at(id: RoundId, version: number | undefined): Promise<RoundOutline | undefined> {
    if (version === undefined) return undefined;
    const remembered = this.#remembered.get(toRoundKey(id));
    if (remembered?.version === version) return remembered;
    const stored = await this.#rounds.load(id);
    const outline = stored && toOutline(stored);
    if (outline) this.#remember(outline);
    return outline;
  }

  #remember(outline: RoundOutline): void {
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(toRoundKey(outline.id), outline);
  }
}

function toOutline({ id, version, round }: StoredRound): RoundOutline {
  return {
    ...{ id, version, rosterHash: round.rules.rosterHash, phase: round.phase },
    sitesIn: contributorsOf(round).length,
    awaited: awaitedIn(round),
    isCarried: isCarried(round),
  };
}

/** True if shares of the set were opened, and the sites that could bring it to its end are away. */
export function isCarried(round: Round): boolean {
  return 'deadline' in round && round.deadline.ends.startsWith('carried');
}
