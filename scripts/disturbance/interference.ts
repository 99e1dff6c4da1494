// Trouble on the lines between the sites and the coordinator, by seed.
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../participant/src/data/seeded-random.ts';
import type { TcpProxy } from './tcp-proxy.ts';

const LONGEST_QUIET_MS = 2500;
const MIB = 1 << 20;

export interface Line {
  readonly site: string;
  readonly proxy: TcpProxy;
}

export interface InterferenceRules {
  readonly seed: number;
  readonly lines: readonly Line[];
  readonly signal: AbortSignal;
  /** Told when a site's line is about to be disturbed, and when it is free again. */
  readonly onChange: (site: string, isFree: boolean) => void;
}

/** Disturbs one line after another until the signal aborts; leaves all of them free. */
export async function interfere({ seed, lines, signal, onChange }: InterferenceRules): Promise<void> {
  const random = new SeededRandom(seed);
  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    await wait(random.below(LONGEST_QUIET_MS));
    if (signal.aborted) return;
    const { site, proxy } = lines[random.below(lines.length)]!;
    onChange(site, false);
    await disturb(proxy, random, wait);
    onChange(site, true);
  }
}

type Wait = (ms: number) => Promise<unknown>;

async function disturb(proxy: TcpProxy, random: SeededRandom, wait: Wait): Promise<void> {
  switch (random.below(4)) {
    case 0:
      proxy.cut();
      return;
    case 1:
      // In the middle of an upload, if there is one.
      proxy.cutAfter(random.below(2 * MIB));
      return;
    case 2:
      proxy.pause();
      await wait(200 + random.below(1800));
      proxy.resume();
      return;
    default:
      proxy.limit(200_000 + random.below(1_000_000));
      await wait(500 + random.below(3000));
      proxy.limit(undefined);
  }
}
