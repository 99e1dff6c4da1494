// Sums take long. They run beside the round, at most one for each set, and report with an event when they are done.
import type { RoundId, StoredRound } from './ports.ts';
import { toRoundKey } from './round-names.ts';
import type { Effect, RoundEvent } from './round/round.ts';
import { loadRound, type World } from './world.ts';

type SumEffect = Extract<Effect, { kind: 'sum' }>;

/** What a sum tells the round. */
export interface SumReport {
  submit(id: RoundId, event: RoundEvent): Promise<StoredRound>;
  forget(id: RoundId, done: Effect): Promise<void>;
}

export class BackgroundSums {
  readonly #world: World;
  readonly #report: SumReport;
  readonly #running = new Set<string>();

  constructor(world: World, report: SumReport) {
    this.#world = world;
    this.#report = report;
  }

  /** Starts the sums that the round owes and that are not under way. */
  start({ id, owed }: StoredRound): void {
    for (const effect of owed) {
      const key = `${toRoundKey(id)}/${'set' in effect ? effect.set.root : ''}`;
      if (effect.kind !== 'sum' || this.#running.has(key)) continue;
      this.#running.add(key);
      void this.#run(id, effect)
        .catch(this.#world.crash)
        .finally(() => this.#running.delete(key));
    }
  }

  async #run(id: RoundId, effect: SumEffect): Promise<void> {
    const stored = await loadRound(this.#world, id);
    if (isAwaited(stored, effect)) {
      const { document } = await this.#world.reader.open(id.job);
      const { context } = stored.round.rules;
      const chunks = document.chunks(id.round);
      const sum = await this.#world.aggregator.sum({ id, context, set: effect.set, chunks });
      await this.#report.submit(id, { kind: 'summed', setRoot: effect.set.root, sum });
    }
    await this.#report.forget(id, effect);
  }
}

// Of a set that a smaller one replaced, or of a round that failed meanwhile, no sum is needed.
function isAwaited({ round }: StoredRound, { set }: SumEffect): boolean {
  return round.phase === 'sealed' && round.set.root === set.root && !round.sum;
}
