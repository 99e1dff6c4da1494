// A log that reports how long each record took to be durable: its share of a round's time is that over the time of the phases. What a
// record of a round says of all its contributors is measured as well.
import type { LogRecord } from '@blindsum/proto/tlog';
import { tracedInRound } from '@blindsum/proto/tracing';
import type { Metrics } from './metrics.ts';
import type { Clock, RecordLog } from './ports.ts';

export function timedLog(
  log: RecordLog,
  { clock, federation }: { readonly clock: Clock; readonly federation: string },
  metrics: Pick<Metrics, 'logged' | 'clipped' | 'queued' | 'done'>,
): RecordLog {
  return {
    async append(record) {
      const startedMs = clock.nowMs();
      metrics.queued('log');
      try {
        const admitted = await tracedAppend(log, record, federation);
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

const SPANS = { 'round-sealed': 'publish set', round: 'publish', incident: 'publish incident' } as const;

function tracedAppend(log: RecordLog, record: LogRecord, federation: string) {
  const append = () => log.append(record);
  if (record.kind !== 'round' && record.kind !== 'round-sealed' && record.kind !== 'incident')
    return append();
  const { job, round, attempt } = record.predicate;
  return tracedInRound({ federation, job, round, attempt }, SPANS[record.kind], {}, append);
}

/** Only a training round has one. */
function clippedShareOf(record: LogRecord): number | undefined {
  const millionths = record.kind === 'round' ? record.predicate.metrics['clippedMillionths'] : undefined;
  return millionths === undefined ? undefined : millionths / 1e6;
}
