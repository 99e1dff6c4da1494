// Bytes that came and went for each attempt of a round, by the phase that it was in: what sites uploaded, fetched and signed, also
// what they sent twice. They are counted in memory and written down every few seconds, so that a crash may lose the latest.
import type { JobId } from '@blindsum/proto';
import type { RoundId } from '../ports.ts';
import { toRoundKey } from '../round-names.ts';
import type { PhaseStart } from '../round/round.ts';

type Phase = PhaseStart['phase'];

export interface PhaseTraffic {
  readonly phase: Phase;
  /** By the coordinator. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

export interface Traffic extends PhaseTraffic {
  readonly id: RoundId;
}

/** Sums by attempt and phase. Calls are serialisable. */
export interface TrafficStore {
  /** Adds to what is there: all of it, durably, or nothing. */
  add(traffic: readonly Traffic[]): Promise<void>;
  /** Of a job, in no particular order. */
  list(job: JobId): Promise<readonly Traffic[]>;
}

/** What was counted of an attempt, in the order of its phases. */
export type TrafficOf = (id: RoundId) => readonly PhaseTraffic[];

const PHASES: readonly Phase[] = ['collecting', 'sealed', 'summed', 'opening', 'published', 'failed'];

export class RoundTraffic {
  readonly #store: TrafficStore;
  /** Not written down yet. */
  #pending = new Map<string, Traffic>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: TrafficStore) {
    this.#store = store;
  }

  received(id: RoundId, phase: Phase, bytes: number): void {
    this.#note({ id, phase, receivedBytes: bytes, sentBytes: 0 });
  }

  sent(id: RoundId, phase: Phase, bytes: number): void {
    this.#note({ id, phase, receivedBytes: 0, sentBytes: bytes });
  }

  /** Writes down what was counted since; what could not be written is kept for the next time. */
  flush(): Promise<void> {
    return this.#alone(async () => {
      const taken = this.#pending;
      if (taken.size === 0) return;
      this.#pending = new Map();
      try {
        await this.#store.add([...taken.values()]);
      } catch (error) {
        for (const traffic of taken.values()) this.#note(traffic);
        throw error;
      }
    });
  }

  ofJob(job: JobId): Promise<TrafficOf> {
    return this.#alone(async () => {
      const stored = await this.#store.list(job);
      const sums = new Map(stored.map((traffic) => [keyOf(traffic), traffic]));
      for (const [key, traffic] of this.#pending)
        if (traffic.id.job === job) sums.set(key, withMore(sums.get(key), traffic));
      return (id) =>
        PHASES.flatMap((phase) => {
          const sum = sums.get(keyOf({ id, phase }));
          if (!sum) return [];
          const { receivedBytes, sentBytes } = sum;
          return [{ phase, receivedBytes, sentBytes }];
        });
    });
  }

  #note(traffic: Traffic): void {
    const key = keyOf(traffic);
    this.#pending.set(key, withMore(this.#pending.get(key), traffic));
  }

  /** One after another: what is being written down is counted once. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

function keyOf({ id, phase }: Pick<Traffic, 'id' | 'phase'>): string {
  return `${toRoundKey(id)} ${phase}`;
}

function withMore(before: Traffic | undefined, more: Traffic): Traffic {
  const { job, round, attempt } = more.id;
  return {
    id: { job, round, attempt },
    phase: more.phase,
    receivedBytes: (before?.receivedBytes ?? 0) + more.receivedBytes,
    sentBytes: (before?.sentBytes ?? 0) + more.sentBytes,
  };
}
