// A log that reports how long each record took to be durable: its share of a round's time is that over the time of the phases.
import type { Clock, RecordLog } from './ports.ts';

export function timedLog(log: RecordLog, clock: Clock, report: (seconds: number) => void): RecordLog {
  return {
    async append(record) {
      const startedMs = clock.nowMs();
      const admitted = await log.append(record);
      report((clock.nowMs() - startedMs) / 1000);
      return admitted;
    },
  };
}
