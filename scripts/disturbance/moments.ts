// The instants at which it is worth killing somebody, as they are seen from outside: in what sites report, in the coordinator's
// log, and in the files that it writes.
import type { ProgressEvent } from '../../participant/src/session-progress.ts';

export const MOMENT_NAMES = [
  'consented',
  'round opened',
  'training',
  'training finished',
  'update encrypted',
  'upload begun',
  'part stored',
  'upload finished',
  'commitment accepted',
  'set sealed',
  'set acknowledged',
  'sum there',
  'checksum signed',
  'opening begun',
  'set opened',
  'sum applied',
  'result attested',
  'round published',
  'checkpoint written',
] as const;
export type MomentName = (typeof MOMENT_NAMES)[number];

/** Something has just happened, at a site or at the coordinator. */
export interface Moment {
  readonly name: MomentName;
  readonly site: string | undefined;
}

interface Waiting {
  readonly names: ReadonlySet<MomentName>;
  readonly resolve: (moment: Moment | undefined) => void;
}

/** Tells those who wait for a moment when it comes. */
export class Moments {
  readonly #waiting = new Set<Waiting>();

  happened(moment: Moment): void {
    for (const { names, resolve } of this.#waiting) if (names.has(moment.name)) resolve(moment);
  }

  /** The next one of these names; undefined if none comes within `timeoutMs` or the signal aborts. */
  async next(
    names: readonly MomentName[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Moment | undefined> {
    const { promise, resolve } = Promise.withResolvers<Moment | undefined>();
    const waiting = { names: new Set(names), resolve };
    const giveUp = () => resolve(undefined);
    const timer = setTimeout(giveUp, timeoutMs);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    this.#waiting.add(waiting);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      this.#waiting.delete(waiting);
    }
  }
}

const OF_EVENTS: Partial<Record<ProgressEvent['event'], MomentName>> = {
  consented: 'consented',
  train: 'training',
  trained: 'training finished',
  encrypted: 'update encrypted',
  uploading: 'upload begun',
  uploaded: 'upload finished',
  committed: 'commitment accepted',
  acknowledged: 'set acknowledged',
  'checksum-signed': 'checksum signed',
  opened: 'set opened',
  applied: 'sum applied',
  attested: 'result attested',
};

const OF_PHASES: Readonly<Record<string, MomentName>> = {
  collecting: 'round opened',
  sealed: 'set sealed',
  summed: 'sum there',
  opening: 'opening begun',
  published: 'round published',
};

/** The moment that a site reports, if it is one. */
export function momentOfEvent({ event }: ProgressEvent): MomentName | undefined {
  return OF_EVENTS[event];
}

/** The moment at which a round enters a phase, if it is one. */
export function momentOfPhase(phase: string): MomentName | undefined {
  return OF_PHASES[phase];
}
