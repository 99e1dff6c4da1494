// The metrics of a site whose configuration asks for them: events are counted from the start, and answers are given once the site is open.
import type { Config } from '../config.ts';
import type { CertificateRenewal } from '../identity/certificate-renewal.ts';
import type { LogJournal } from '../journal/log-journal.ts';
import type { Report } from '../session-progress.ts';
import { readDiskUse } from '../status/disk-use.ts';
import type { TrainingTurns } from '../training/training-turns.ts';
import { listenForMetrics } from './metrics-server.ts';
import { createSiteMetrics, type SiteSnapshot } from './site-metrics.ts';

/** Where the numbers are looked up. */
export interface Measured {
  readonly log: Pick<LogJournal, 'head' | 'alarm' | 'promises'>;
  readonly renewal: Pick<CertificateRenewal, 'endsMs'>;
  readonly turns: Pick<TrainingTurns, 'open'>;
  readonly stateDirectory: string;
}

export interface OpenMetrics {
  following(report: Report): Report;
  /** Answers until `close`; refuses CONFIG_INVALID if the address is taken. */
  serve(measured: Measured): Promise<{ close(): Promise<void> }>;
}

const NOT_ASKED_FOR: OpenMetrics = {
  following: (report) => report,
  serve: async () => ({ close: async () => {} }),
};

/** Nobody is answered before there is more. */
const NOTHING_YET: SiteSnapshot = {
  ...{ certificateEndsMs: 0, logEntries: 0, logAlarm: false, promisesOpen: 0, trainingsOpen: 0 },
  disk: { usedBytes: 0, freeBytes: undefined },
};

export function openMetrics({ metrics }: Pick<Config, 'metrics'>, nowMs: () => number): OpenMetrics {
  if (metrics === undefined) return NOT_ASKED_FOR;
  let look = (): SiteSnapshot => NOTHING_YET;
  const counted = createSiteMetrics(() => look(), nowMs);
  return {
    following: (report) => counted.following(report),
    serve(measured) {
      look = () => takeSnapshot(measured);
      return listenForMetrics(metrics.listen, counted.registry);
    },
  };
}

export function takeSnapshot({ log, renewal, turns, stateDirectory }: Measured): SiteSnapshot {
  const { bytes, freeBytes } = readDiskUse(stateDirectory);
  return {
    certificateEndsMs: renewal.endsMs,
    logEntries: Number(log.head()?.size ?? 0n),
    logAlarm: log.alarm() !== undefined,
    promisesOpen: log.promises().filter(({ isSettled }) => !isSettled).length,
    trainingsOpen: turns.open,
    disk: { usedBytes: bytes, freeBytes: freeBytes ?? undefined },
  };
}
