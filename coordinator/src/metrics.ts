// Prometheus metrics in a registry of their own (docs/monitoring.md). Labels take few values: phases, states, codes, at most a hundred
// sites; never a round or a job.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Phase } from './phase-times.ts';
import type { BlobKind, BlobName } from './ports.ts';
import { addSnapshot, type QueueName, type Snapshot } from './snapshot-gauges.ts';
import { ENDS, LIMITS, startAtZero, UPLOADS, type RoundEnd } from './start-at-zero.ts';
import type { LimitName } from './uploads/upload-quota.ts';
import { VERSION } from './version.ts';

export interface EndedRound {
  readonly result: RoundEnd;
  /** In which it ended. */
  readonly phase: Phase;
  /** Sites whose update is in the sum, and members that were asked for one and are not in it; none of a failed attempt. */
  readonly counted: number;
  readonly leftOut: number;
}

export interface Metrics {
  readonly registry: Registry;
  roundEnded(ended: EndedRound): void;
  phaseEnded(phase: Phase, milliseconds: number): void;
  uploaded(kind: BlobName['kind'], bytes: number): void;
  /** An upload of which a part was here goes on. */
  resumed(kind: BlobName['kind']): void;
  removed(kind: BlobKind, bytes: number): void;
  uploadRefused(limit: LimitName): void;
  /** `bytes` of ciphertexts were read. */
  summed(seconds: number, bytes: number): void;
  called(method: string, code: string): void;
  timestamped(result: 'ok' | 'failed'): void;
  logged(seconds: number): void;
  /** Of the values of a published training round, 0..1. */
  clipped(share: number): void;
  /** What waits, or is under way, is counted by these two. */
  queued(queue: QueueName): void;
  done(queue: QueueName): void;
}

const PHASE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400];
const APPEND_SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5];
const SUM_SECONDS = [0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60, 300];
/** Around the share from which the quantisation range doubles (CLIPPED_SHARE_LIMIT). */
const CLIPPED_SHARES = [0, 0.0001, 0.001, 0.01, 0.1, 0.5];

/** Those of the process, event-loop lag and memory, are among them. `snapshot` is called once for each scrape. */
export function createMetrics(snapshot: () => Promise<Snapshot>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Gauges that are named like counters; the same is there by type.
  for (const what of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${what}_total`);
  const depths: Record<QueueName, number> = { sums: 0, log: 0, uploads: 0 };
  addSnapshot(registry, snapshot, depths);
  return {
    registry,
    ...countRounds(registry),
    ...countTransfers(registry),
    ...measureWork(registry),
    queued: (queue) => void depths[queue]++,
    done: (queue) => void depths[queue]--,
  };
}

function countRounds(registry: Registry): Pick<Metrics, 'roundEnded' | 'phaseEnded' | 'clipped'> {
  const registers = [registry];
  const rounds = new Counter({
    name: 'blindsum_rounds_total',
    help: 'Attempts of rounds that ended, by the phase they ended in: published, or the reason of their failure.',
    labelNames: ['phase', 'result'],
    registers,
  });
  const contributors = new Counter({
    name: 'blindsum_contributors_total',
    help: 'Over the published rounds: sites whose update is in the sum, and sites that were left out.',
    labelNames: ['result'],
    registers,
  });
  startAtZero(
    rounds,
    Object.entries(ENDS).flatMap(([result, all]) => all.map((phase) => ({ phase, result }))),
  );
  startAtZero(contributors, [{ result: 'counted' }, { result: 'left_out' }]);
  const phases = new Histogram({
    name: 'blindsum_phase_seconds',
    help: 'How long each phase of a round took.',
    labelNames: ['phase'],
    buckets: PHASE_SECONDS,
    registers,
  });
  const clipped = new Histogram({
    name: 'blindsum_round_clipped_ratio',
    help: 'Share of the values of a published training round that were clipped to the range of the encoding, 0 to 1.',
    buckets: CLIPPED_SHARES,
    registers,
  });
  return {
    roundEnded({ result, phase, counted, leftOut }) {
      rounds.inc({ phase, result });
      contributors.inc({ result: 'counted' }, counted);
      contributors.inc({ result: 'left_out' }, leftOut);
    },
    phaseEnded: (phase, milliseconds) => phases.observe({ phase }, milliseconds / 1000),
    clipped: (share) => clipped.observe(share),
  };
}

function countTransfers(
  registry: Registry,
): Pick<Metrics, 'uploaded' | 'resumed' | 'removed' | 'uploadRefused' | 'called'> {
  const registers = [registry];
  const uploads = new Counter({
    name: 'blindsum_upload_bytes_total',
    help: 'Bytes that sites uploaded and that are on disk.',
    labelNames: ['kind'],
    registers,
  });
  const resumes = new Counter({
    name: 'blindsum_upload_resumes_total',
    help: 'Uploads that went on where an earlier attempt had broken off.',
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
  for (const counter of [uploads, resumes])
    startAtZero(
      counter,
      UPLOADS.map((kind) => ({ kind })),
    );
  startAtZero(
    refused,
    LIMITS.map((limit) => ({ limit })),
  );
  const calls = new Counter({
    name: 'blindsum_rpc_calls_total',
    help: 'Calls by sites, by method and by refusal code; OK for those that succeeded.',
    labelNames: ['method', 'code'],
    registers,
  });
  return {
    uploaded: (kind, bytes) => uploads.inc({ kind }, bytes),
    resumed: (kind) => resumes.inc({ kind }),
    removed: (kind, bytes) => removed.inc({ kind }, bytes),
    uploadRefused: (limit) => refused.inc({ limit }),
    called: (method, code) => calls.inc({ method, code }),
  };
}

function measureWork(registry: Registry): Pick<Metrics, 'summed' | 'timestamped' | 'logged'> {
  const registers = [registry];
  new Gauge({
    name: 'blindsum_build_info',
    help: 'Always 1; the version of the program.',
    labelNames: ['version'],
    registers,
  }).set({ version: VERSION }, 1);
  const sums = new Histogram({
    name: 'blindsum_sum_seconds',
    help: 'How long adding up the ciphertexts of a set took.',
    buckets: SUM_SECONDS,
    registers,
  });
  const bytesSummed = new Counter({
    name: 'blindsum_summed_bytes_total',
    help: 'Bytes of ciphertexts that were added up.',
    registers,
  });
  const attempts = new Counter({
    name: 'blindsum_timestamps_total',
    help: 'Attempts to have the log stamped by a timestamp authority: ok or failed.',
    labelNames: ['result'],
    registers,
  });
  startAtZero(attempts, [{ result: 'ok' }, { result: 'failed' }]);
  const appends = new Histogram({
    name: 'blindsum_log_append_seconds',
    help: 'How long a record of a job or a round took to be durable in the log.',
    buckets: APPEND_SECONDS,
    registers,
  });
  return {
    summed(seconds, bytes) {
      sums.observe(seconds);
      bytesSummed.inc(bytes);
    },
    timestamped: (result) => attempts.inc({ result }),
    logged: (seconds) => appends.observe(seconds),
  };
}
