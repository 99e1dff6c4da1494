// Prometheus metrics of a site, in a registry of their own (docs/monitoring.md). They stay on this machine, and hold nothing about its
// rows. Labels take few values; never a round or a job.
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ProgressEvent, Report } from '../session-progress.ts';
import { VERSION } from '../version.ts';
import { countEvents } from './event-counters.ts';

/** What is looked up at the moment someone asks. */
export interface SiteSnapshot {
  /** When the certificate ends, in milliseconds since 1970. */
  readonly certificateEndsMs: number;
  /** Entries of the log that this site has verified; 0 before the first look. */
  readonly logEntries: number;
  /** True while this site believes no log, because it shrank or forked. */
  readonly logAlarm: boolean;
  /** Promises of the log for which the record has not come yet. */
  readonly promisesOpen: number;
  /** Trainings that wait for their turn or are under way. */
  readonly trainingsOpen: number;
  readonly disk: {
    /** Of the state directory. */
    readonly usedBytes: number;
    /** Undefined where the file system does not say. */
    readonly freeBytes: number | undefined;
  };
}

export interface SiteMetrics {
  readonly registry: Registry;
  /** Receives the events that `report` receives. */
  following(report: Report): Report;
}

/** Those of the process, event-loop lag and memory, are among them. `snapshot` is looked at for each scrape. */
export function createSiteMetrics(snapshot: () => SiteSnapshot, nowMs: () => number): SiteMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Gauges that are named like counters; the same is there by type.
  for (const what of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${what}_total`);
  addSnapshot(registry, snapshot);
  const count = countEvents(registry, nowMs);
  return {
    registry,
    following: (report) => (event: ProgressEvent) => {
      count(event);
      report(event);
    },
  };
}

function addSnapshot(registry: Registry, snapshot: () => SiteSnapshot): void {
  const registers = [registry];
  new Gauge({
    name: 'blindsum_site_build_info',
    help: 'Always 1; the version of the program.',
    labelNames: ['version'],
    registers,
  }).set({ version: VERSION }, 1);
  const looks: readonly (readonly [string, string, (at: SiteSnapshot) => number | undefined])[] = [
    [
      'blindsum_site_certificate_expiry_timestamp_seconds',
      'When the certificate of this site ends, in seconds since 1970.',
      ({ certificateEndsMs }) => certificateEndsMs / 1000,
    ],
    [
      'blindsum_site_log_entries',
      'Entries of the transparency log that this site has verified.',
      ({ logEntries }) => logEntries,
    ],
    [
      'blindsum_site_log_alarm',
      '1 while this site believes no log, because it shrank or forked.',
      ({ logAlarm }) => (logAlarm ? 1 : 0),
    ],
    [
      'blindsum_site_log_promises_open',
      'Commitments whose end the log has promised to record, and has not yet shown.',
      ({ promisesOpen }) => promisesOpen,
    ],
    [
      'blindsum_site_trainings_open',
      'Trainings that wait for their turn or are under way: one at a time.',
      ({ trainingsOpen }) => trainingsOpen,
    ],
    [
      'blindsum_site_state_bytes',
      'Bytes of the files in the state directory of this site.',
      ({ disk }) => disk.usedBytes,
    ],
    [
      'blindsum_site_disk_free_bytes',
      'Bytes free on the file system of the state directory.',
      ({ disk }) => disk.freeBytes,
    ],
  ];
  const take = sharedInTurn(snapshot);
  for (const [name, help, look] of looks)
    new Gauge({
      ...{ name, help, registers },
      collect() {
        const value = look(take());
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
}

/** What is asked for in one turn of the event loop, as all metrics of a scrape are, is looked up once. */
function sharedInTurn<T>(look: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    if (found === undefined) queueMicrotask(() => (found = undefined));
    found ??= { value: look() };
    return found.value;
  };
}
