// The chain of rosters as it is stored, parsed. An adopted version never changes, so that each is read and parsed once.
import { parseChainedRoster, type ChainedRoster, type Digest, type RosterLink } from '@blindsum/proto';
import type { RosterStore, StoredRoster } from './roster-store.ts';

export interface AdoptedRoster extends ChainedRoster {
  /** As sites are shown it. */
  readonly link: RosterLink;
}

export interface RosterChain {
  /** From the first version on. */
  readonly adopted: readonly AdoptedRoster[];
  /** What is to follow the last of them. */
  readonly proposed: StoredRoster | undefined;
}

export interface RosterReader {
  read(): Promise<RosterChain>;
}

export function createRosterReader(store: Pick<RosterStore, 'head' | 'load'>): RosterReader {
  const adopted: AdoptedRoster[] = [];
  let proposed: StoredRoster | undefined;
  return {
    async read() {
      const head = await store.head();
      const known = proposed?.version ?? adopted.length;
      const isKnown = head === undefined || (head.version === known && head.revision === proposed?.revision);
      if (!isKnown) {
        proposed = undefined;
        for (let version = adopted.length + 1; version <= head.version; version++) {
          const stored = await store.load(version);
          if (stored?.state === 'adopted') adopted[version - 1] ??= toAdopted(stored);
          else proposed = stored;
        }
      }
      return { adopted: [...adopted], proposed };
    },
  };
}

/** The latest version, if any was adopted. */
export function latestRoster({ adopted }: RosterChain): AdoptedRoster | undefined {
  return adopted.at(-1);
}

/** The adopted version with this hash. */
export function rosterByHash({ adopted }: RosterChain, hash: Digest): AdoptedRoster | undefined {
  return adopted.find((one) => one.hash === hash);
}

function toAdopted({ roster, approvals }: StoredRoster): AdoptedRoster {
  return { ...parseChainedRoster(roster), link: { roster, approvals } };
}
