// Gauges whose values are looked up when somebody asks for them.
import { Gauge, type Registry } from 'prom-client';
import type { SiteId } from '@blindsum/proto';
import type { DiskStatus } from './disk/disk-watch.ts';

/** Work that waits or is under way inside this process. */
export type QueueName = 'sums' | 'log' | 'uploads';

/** What is counted at the moment someone asks. */
export interface Snapshot {
  /** Of the rounds that collect at the moment. */
  readonly contributors: {
    /** Sites that are asked for an update. */
    readonly expected: number;
    /** Commitments that have arrived. */
    readonly in: number;
  };
  /** Rounds that go on, by phase. */
  readonly rounds: Readonly<Record<string, number>>;
  readonly jobs: Readonly<Record<string, number>>;
  readonly sites: { readonly admitted: number; readonly online: number };
  readonly disk: Pick<DiskStatus, 'state' | 'freeBytes'>;
  /** Of uploads and sums. */
  readonly blobBytes: number;
  /** When they end, in milliseconds since 1970. */
  readonly certificates: {
    readonly coordinatorEndsMs: number;
    /** Not more than a hundred. */
    readonly sites: readonly { readonly site: SiteId; readonly endsMs: number }[];
  };
}

type Take = () => Promise<Snapshot>;

/** `snapshot` is called once for each scrape; `depths` is read then. */
export function addSnapshot(
  registry: Registry,
  snapshot: Take,
  depths: Readonly<Record<QueueName, number>>,
): void {
  const take = once(snapshot);
  // Each sets its own values: the registry collects all metrics at the same time.
  addCertificates(registry, take);
  addRounds(registry, take);
  addQueues(registry, take, depths);
  addDisk(registry, take);
  addGauge(
    registry,
    {
      name: 'blindsum_sites',
      help: 'Sites admitted, and of those the ones heard from in the last 30 seconds.',
      label: 'state',
    },
    async () => (await take()).sites,
  );
}

function addRounds(registry: Registry, take: Take): void {
  addGauge(
    registry,
    {
      name: 'blindsum_contributors_expected',
      help: 'Sites that the rounds that are collecting ask for an update.',
    },
    async () => (await take()).contributors.expected,
  );
  addGauge(
    registry,
    {
      name: 'blindsum_contributors_in',
      help: 'Sites whose commitment has arrived in the rounds that are collecting.',
    },
    async () => (await take()).contributors.in,
  );
  addGauge(
    registry,
    { name: 'blindsum_rounds_open', help: 'Rounds that go on, by phase.', label: 'phase' },
    async () => (await take()).rounds,
  );
  addGauge(
    registry,
    { name: 'blindsum_jobs', help: 'Jobs by state.', label: 'state' },
    async () => (await take()).jobs,
  );
}

function addQueues(registry: Registry, take: Take, depths: Readonly<Record<QueueName, number>>): void {
  addGauge(
    registry,
    {
      name: 'blindsum_queue_depth',
      help: 'What waits or is under way: jobs that are ready and have no place, sums, records for the log, upload streams.',
      label: 'queue',
    },
    async () => ({ jobs: (await take()).jobs['queued'] ?? 0, ...depths }),
  );
}

function addDisk(registry: Registry, take: Take): void {
  addGauge(
    registry,
    { name: 'blindsum_blob_bytes', help: 'Bytes of uploads and sums that are on disk, of all jobs.' },
    async () => (await take()).blobBytes,
  );
  addGauge(
    registry,
    { name: 'blindsum_disk_free_bytes', help: 'Bytes free on the file system of the state directory.' },
    async () => (await take()).disk.freeBytes,
  );
  addGauge(
    registry,
    {
      name: 'blindsum_disk_full',
      help: '1 while writes find no room, or did so within the last half minute.',
    },
    async () => ((await take()).disk.state === 'full' ? 1 : 0),
  );
}

function addCertificates(registry: Registry, take: Take): void {
  addGauge(
    registry,
    {
      name: 'blindsum_coordinator_certificate_expiry_timestamp_seconds',
      help: 'When the certificate of the coordinator ends, in seconds since 1970.',
    },
    async () => (await take()).certificates.coordinatorEndsMs / 1000,
  );
  addGauge(
    registry,
    {
      name: 'blindsum_member_certificate_expiry_timestamp_seconds',
      help: 'When the certificate of a site ends, in seconds since 1970, of at most 100 sites: those whose certificates end first.',
      label: 'site',
    },
    async () =>
      Object.fromEntries((await take()).certificates.sites.map(({ site, endsMs }) => [site, endsMs / 1000])),
  );
}

interface GaugeNames {
  readonly name: string;
  readonly help: string;
  readonly label?: string;
}

/** A number, or one for each value of the label: a value that is not there any more is not shown any more. */
export function addGauge(
  registry: Registry,
  { name, help, label }: GaugeNames,
  look: () => Promise<number | Readonly<Record<string, number>>> | number | Readonly<Record<string, number>>,
): void {
  new Gauge({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    async collect() {
      const values = await look();
      if (typeof values === 'number') return this.set(values);
      this.reset();
      for (const [value, count] of Object.entries(values)) this.set({ [label!]: value }, count);
    },
  });
}

/** Those who ask while an answer is under way share it. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => {
    underWay ??= ask().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
