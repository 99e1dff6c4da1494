// A log that reports how long each record took to be durable: its share of a round's time is that over the time of the phases. What a
// record of a round says of all its contributors is measured as well.
import type { LogRecord } from '@blindsum/proto/tlog';
import type { Metrics } from './metrics.ts';
import type { Clock, RecordLog } from './ports.ts';

export function timedLog(
  log: RecordLog,
  clock: Clock,
  metrics: Pick<Metrics, 'logged' | 'clipped' | 'queued' | 'done'>,
): RecordLog {
  return {
    async append(record) {
      const startedMs = clock.nowMs();
      metrics.queued('log');
      try {
        const admitted = await log.append(record);
        metrics.logged((clock.nowMs() - startedMs) / 1000);
        const clipped = clippedShareOf(record);
        if (clipped !== undefined) metrics.clipped(clipped);
        return admitted;
      } finally {
        metrics.done('log');
      }
    },
  };
}

/** Only a training round has one. */
function clippedShareOf(record: LogRecord): number | undefined {
  const millionths = record.kind === 'round' ? record.predicate.metrics['clippedMillionths'] : undefined;
  return millionths === undefined ? undefined : millionths / 1e6;
}
