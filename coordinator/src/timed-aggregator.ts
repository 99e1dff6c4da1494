// An aggregator that reports how long each sum took, how much it added up, and how many wait or are under way.
import { CHUNK_BYTES } from '@blindsum/proto';
import { tracedInRound } from '@blindsum/proto/tracing';
import type { Metrics } from './metrics.ts';
import type { Aggregator, Clock } from './ports.ts';

export function timedAggregator(
  aggregator: Aggregator,
  { clock, federation }: { readonly clock: Clock; readonly federation: string },
  metrics: Pick<Metrics, 'summed' | 'queued' | 'done'>,
): Aggregator {
  return {
    async sum(task) {
      const startedMs = clock.nowMs();
      metrics.queued('sums');
      try {
        const sum = await tracedInRound({ federation, ...task.id }, 'sum', {}, () => aggregator.sum(task));
        const bytes = task.set.members.length * task.chunks * CHUNK_BYTES;
        metrics.summed((clock.nowMs() - startedMs) / 1000, bytes);
        return sum;
      } finally {
        metrics.done('sums');
      }
    },
  };
}
