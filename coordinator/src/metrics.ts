// Prometheus metrics in a registry of their own. Labels take few values: phases, states, codes, at most a hundred sites; never a
// round or a job.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SiteId } from '@blindsum/proto';
import type { DiskStatus } from './disk/disk-watch.ts';
import type { Phase } from './phase-times.ts';
import type { BlobKind, BlobName } from './ports.ts';
import type { FailureReason } from './round/round.ts';
import type { LimitName } from './uploads/upload-quota.ts';

export interface Metrics {
  readonly registry: Registry;
  roundEnded(result: 'published' | FailureReason): void;
  phaseEnded(phase: Phase, milliseconds: number): void;
  uploaded(kind: BlobName['kind'], bytes: number): void;
  removed(kind: BlobKind, bytes: number): void;
  uploadRefused(limit: LimitName): void;
  summed(seconds: number): void;
  called(method: string, code: string): void;
  timestamped(result: 'ok' | 'failed'): void;
  logged(seconds: number): void;
}

/** What is counted at the moment someone asks. */
export interface Snapshot {
  /** Commitments in the rounds that are collecting now. */
  readonly contributorsIn: number;
  readonly jobs: Readonly<Record<string, number>>;
  readonly sites: { readonly admitted: number; readonly online: number };
  readonly disk: Pick<DiskStatus, 'state' | 'freeBytes'>;
  /** Of uploads and sums. */
  readonly blobBytes: number;
  readonly certificates: {
    readonly coordinatorDaysLeft: number;
    /** Not more than a hundred. */
    readonly sites: readonly { readonly site: SiteId; readonly daysLeft: number }[];
  };
}

const PHASE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400];
const APPEND_SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5];
const SUM_SECONDS = [0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60, 300];

/** Those of the process, event-loop lag and memory, are among them. `snapshot` is called once for each scrape. */
export function createMetrics(snapshot: () => Promise<Snapshot>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  addSnapshot(registry, snapshot);
  const rounds = new Counter({
    name: 'blindsum_rounds_total',
    help: 'Attempts of rounds that ended: published, or the reason of their failure.',
    labelNames: ['result'],
    registers,
  });
  const phases = new Histogram({
    name: 'blindsum_phase_seconds',
    help: 'How long each phase of a round took.',
    labelNames: ['phase'],
    buckets: PHASE_SECONDS,
    registers,
  });
  const uploads = new Counter({
    name: 'blindsum_upload_bytes_total',
    help: 'Bytes that sites uploaded and that are on disk.',
    labelNames: ['kind'],
    registers,
  });
  const removed = new Counter({
    name: 'blindsum_removed_bytes_total',
    help: 'Bytes of uploads and sums that were removed because nobody needs them any more.',
    labelNames: ['kind'],
    registers,
  });
  const refused = new Counter({
    name: 'blindsum_uploads_refused_total',
    help: 'Uploads told to wait, by the limit that had no room: site, round or disk.',
    labelNames: ['limit'],
    registers,
  });
  const sums = new Histogram({
    name: 'blindsum_sum_seconds',
    help: 'How long adding up the ciphertexts of a set took.',
    buckets: SUM_SECONDS,
    registers,
  });
  const calls = new Counter({
    name: 'blindsum_rpc_calls_total',
    help: 'Calls by sites, by method and by refusal code; OK for those that succeeded.',
    labelNames: ['method', 'code'],
    registers,
  });
  return {
    registry,
    roundEnded: (result) => rounds.inc({ result }),
    phaseEnded: (phase, milliseconds) => phases.observe({ phase }, milliseconds / 1000),
    uploaded: (kind, bytes) => uploads.inc({ kind }, bytes),
    removed: (kind, bytes) => removed.inc({ kind }, bytes),
    uploadRefused: (limit) => refused.inc({ limit }),
    summed: (seconds) => sums.observe(seconds),
    called: (method, code) => calls.inc({ method, code }),
    ...{ timestamped: addTimestamps(registers), logged: addAppends(registers) },
  };
}

/** Counts attempts to have the log stamped. */
function addTimestamps(registers: Registry[]): Metrics['timestamped'] {
  const attempts = new Counter({
    name: 'blindsum_timestamps_total',
    help: 'Attempts to have the log stamped by a timestamp authority: ok or failed.',
    labelNames: ['result'],
    registers,
  });
  return (result) => attempts.inc({ result });
}

/** Measures how long records of rounds took to be in the log. */
function addAppends(registers: Registry[]): Metrics['logged'] {
  const appends = new Histogram({
    name: 'blindsum_log_append_seconds',
    help: 'How long a record of a job or a round took to be durable in the log.',
    buckets: APPEND_SECONDS,
    registers,
  });
  return (seconds) => appends.observe(seconds);
}

function addSnapshot(registry: Registry, snapshot: () => Promise<Snapshot>): void {
  const registers = [registry];
  const take = once(snapshot);
  // Each sets its own values: the registry collects all metrics at the same time.
  addCertificates(registry, take);
  new Gauge({
    name: 'blindsum_contributors_in',
    help: 'Sites whose commitment has arrived in the rounds that are collecting.',
    registers,
    async collect() {
      this.set((await take()).contributorsIn);
    },
  });
  new Gauge({
    name: 'blindsum_jobs',
    help: 'Jobs by state.',
    labelNames: ['state'],
    registers,
    async collect() {
      for (const [state, count] of Object.entries((await take()).jobs)) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'blindsum_sites',
    help: 'Sites admitted, and of those the ones heard from in the last 30 seconds.',
    labelNames: ['state'],
    registers,
    async collect() {
      for (const [state, count] of Object.entries((await take()).sites)) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'blindsum_blob_bytes',
    help: 'Bytes of uploads and sums that are on disk, of all jobs.',
    registers,
    async collect() {
      this.set((await take()).blobBytes);
    },
  });
  new Gauge({
    name: 'blindsum_disk_free_bytes',
    help: 'Bytes free on the file system of the state directory.',
    registers,
    async collect() {
      this.set((await take()).disk.freeBytes);
    },
  });
  new Gauge({
    name: 'blindsum_disk_full',
    help: '1 while writes find no room, or did so within the last half minute.',
    registers,
    async collect() {
      this.set((await take()).disk.state === 'full' ? 1 : 0);
    },
  });
}

function addCertificates(registry: Registry, take: () => Promise<Snapshot>): void {
  const registers = [registry];
  new Gauge({
    name: 'blindsum_coordinator_certificate_days_left',
    help: 'Days until the certificate of the coordinator ends.',
    registers,
    async collect() {
      this.set((await take()).certificates.coordinatorDaysLeft);
    },
  });
  new Gauge({
    name: 'blindsum_site_certificate_days_left',
    help: 'Days until the certificate of a site ends, of at most 100 sites: those whose certificates end first.',
    labelNames: ['site'],
    registers,
    async collect() {
      this.reset();
      for (const { site, daysLeft } of (await take()).certificates.sites) this.set({ site }, daysLeft);
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
