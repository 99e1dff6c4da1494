// What operators are told of rounds of many jobs at once. A round is as large as its sites are many, and most of them have ended: what
// was seen of a round is remembered with its version, and the versions are asked for each time.
import type { Digest, SiteId } from '@blindsum/proto';
import type { RoundId, RoundStore, StoredRound } from './ports.ts';
import { toRoundKey } from './round-names.ts';
import { awaitedIn, contributorsOf, leftOutOf } from './round/attendance.ts';
import type { FailureReason, Finding, Round, RoundRules } from './round/round.ts';

/** A round without its messages. */
export interface RoundOutline {
  readonly id: RoundId;
  readonly version: number;
  readonly startedMs: number;
  readonly rosterHash: Digest;
  readonly phase: Round['phase'];
  /** Of a failed round. */
  readonly reason: FailureReason | undefined;
  readonly contributors: readonly SiteId[];
  readonly awaited: readonly Finding[];
  /** Sites of the round that are not in it, as `leftOutOf` says. */
  readonly leftOut: readonly Finding[];
  readonly rules: Pick<RoundRules, 'sites' | 'withdrawn' | 'revoked'>;
  readonly isCarried: boolean;
}

type Rounds = Pick<RoundStore, 'load' | 'versions' | 'everyVersion'>;

/** A few kilobytes each, where sites are hundreds. */
const MAX_REMEMBERED = 4096;

export class RoundOutlines {
  readonly #rounds: Rounds;
  readonly #remembered = new Map<string, RoundOutline>();
  /** Sites are named in all rounds: each name is kept once. */
  readonly #names = new Map<SiteId, SiteId>();

  constructor(rounds: Rounds) {
    this.#rounds = rounds;
  }

  /** Of each of these rounds; undefined for one that is not there. */
  async of(ids: readonly RoundId[]): Promise<readonly (RoundOutline | undefined)[]> {
    if (ids.length === 0) return [];
    const versions = await this.#rounds.versions(ids);
    return Promise.all(ids.map((id, i) => this.#at(id, versions[i])));
  }

  /** Of every round of all jobs, by job, round and attempt. */
  async all(): Promise<readonly RoundOutline[]> {
    const found: RoundOutline[] = [];
    for (const { id, version } of await this.#rounds.everyVersion()) {
      const outline = await this.#at(id, version);
      if (outline) found.push(outline);
    }
    return found;
  }

  async #at(id: RoundId, version: number | undefined): Promise<RoundOutline | undefined> {
    if (version === undefined) return undefined;
    const remembered = this.#remembered.get(toRoundKey(id));
    if (remembered?.version === version) return remembered;
    const stored = await this.#rounds.load(id);
    const outline = stored && this.#toOutline(stored);
    if (outline) this.#remember(outline);
    return outline;
  }

  #remember(outline: RoundOutline): void {
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(toRoundKey(outline.id), outline);
  }

  #toOutline({ id, version, startedMs, round }: StoredRound): RoundOutline {
    const { rosterHash, sites, withdrawn, revoked } = round.rules;
    const named = (all: readonly SiteId[]) => all.map((site) => this.#nameOf(site));
    return {
      ...{ id, version, startedMs, rosterHash, phase: round.phase },
      reason: round.phase === 'failed' ? round.reason : undefined,
      contributors: named(contributorsOf(round)),
      awaited: awaitedIn(round),
      leftOut: leftOutOf(round, []),
      rules: { sites: named(sites), withdrawn: named(withdrawn), revoked: named(revoked) },
      isCarried: isCarried(round),
    };
  }

  #nameOf(site: SiteId): SiteId {
    const known = this.#names.get(site);
    if (known === undefined) this.#names.set(site, site);
    return known ?? site;
  }
}

/** True if shares of the set were opened, and the sites that could bring it to its end are away. */
export function isCarried(round: Round): boolean {
  return 'deadline' in round && round.deadline.ends.startsWith('carried');
}
