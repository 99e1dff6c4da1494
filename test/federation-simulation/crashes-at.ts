// Plans with one crash each, at writes of a run that went well.
import type { Crash } from './incarnation.ts';
import type { SimulatedFederation } from './simulated-federation.ts';

/** One crash at each of these writes. */
export function* crashesAt({ crashes }: SimulatedFederation, writes: RegExp, crash: Crash) {
  for (const [i, what] of crashes.writes.entries())
    if (writes.test(what)) yield [`write ${i + 1}, ${what}`, { crashes: new Map([[i + 1, crash]]) }] as const;
}
