// An aggregator that reports how long each sum took.
import type { Aggregator, Clock } from './ports.ts';

export function timedAggregator(
  aggregator: Aggregator,
  clock: Clock,
  report: (seconds: number) => void,
): Aggregator {
  return {
    async sum(task) {
      const startedMs = clock.nowMs();
      const sum = await aggregator.sum(task);
      report((clock.nowMs() - startedMs) / 1000);
      return sum;
    },
  };
}
