// What the progress events of a site add up to.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ProgressEvent } from '../session-progress.ts';
import { FATES, KINDS, startAtZero } from './start-at-zero.ts';

type Count = (event: ProgressEvent) => void;
type TimedEvent = Extract<ProgressEvent, { readonly ms: number }>;

const STEP_SECONDS = [0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600, 14400];

/** Names of the steps that take time. */
const STEPS: Readonly<Record<TimedEvent['event'], string>> = {
  trained: 'train',
  encrypted: 'encrypt',
  uploaded: 'upload',
  committed: 'commit',
  acknowledged: 'acknowledge',
  complained: 'complain',
  'checksum-signed': 'sign_checksum',
  opened: 'open',
  applied: 'apply',
  attested: 'attest',
  'checkpoint-sealed': 'seal_checkpoint',
  'caught-up': 'catch_up',
};

/** Adds the metrics, and returns what is to be told of every event. */
export function countEvents(registry: Registry, nowMs: () => number): Count {
  const counts = [
    countSteps(registry),
    countRounds(registry, nowMs),
    countJobs(registry),
    showBackend(registry),
    countUploads(registry),
    countTroubles(registry),
  ];
  return (event) => {
    for (const count of counts) count(event);
  };
}

function countSteps(registry: Registry): Count {
  const steps = new Histogram({
    name: 'blindsum_site_step_seconds',
    help: 'How long each step of a round took at this site.',
    labelNames: ['step'],
    buckets: STEP_SECONDS,
    registers: [registry],
  });
  return (event) => {
    if ('ms' in event) steps.observe({ step: STEPS[event.event] }, event.ms / 1000);
  };
}

function countRounds(registry: Registry, nowMs: () => number): Count {
  const registers = [registry];
  const rounds = new Counter({
    name: 'blindsum_site_rounds_total',
    help: 'Rounds by kind: committed to, applied, and those whose model came from another member.',
    labelNames: ['kind', 'result'],
    registers,
  });
  startAtZero(
    rounds,
    KINDS.flatMap((kind) => ['committed', 'applied'].map((result) => ({ kind, result }))),
  );
  startAtZero(rounds, [{ kind: 'training', result: 'caught_up' }]);
  const last = new Gauge({
    name: 'blindsum_site_last_model_timestamp_seconds',
    help: 'When this site computed or received a model the last time, in seconds since 1970; 0 for not since it began.',
    registers,
  });
  const contributors = new Gauge({
    name: 'blindsum_site_contributors',
    help: 'Sites whose updates are in the sum that this site opened last.',
    registers,
  });
  const clipped = new Gauge({
    name: 'blindsum_site_clipped_ratio',
    help: 'Share of the values of all contributors that were clipped in the last training round, 0 to 1.',
    registers,
  });
  return (event) => {
    switch (event.event) {
      case 'committed':
        return rounds.inc({ kind: event.kind, result: 'committed' });
      case 'applied': {
        const { clippedMillionths } = event.metrics;
        rounds.inc({ kind: event.kind, result: 'applied' });
        contributors.set(event.contributors);
        if (clippedMillionths !== undefined) clipped.set(clippedMillionths / 1e6);
        return last.set(nowMs() / 1000);
      }
      case 'caught-up':
        rounds.inc({ kind: 'training', result: 'caught_up' });
        return last.set(nowMs() / 1000);
      default:
        return undefined;
    }
  };
}

function countJobs(registry: Registry): Count {
  const registers = [registry];
  const jobs = new Counter({
    name: 'blindsum_site_jobs_total',
    help: 'Jobs that ended for this site: finished, stopped or withdrawn.',
    labelNames: ['result'],
    registers,
  });
  startAtZero(
    jobs,
    ['finished', 'stopped', 'withdrawn'].map((result) => ({ result })),
  );
  return (event) => {
    const { event: result } = event;
    if (result === 'finished' || result === 'stopped' || result === 'withdrawn') jobs.inc({ result });
  };
}

/** The backend of the last training: 1 for that one, and no other. */
function showBackend(registry: Registry): Count {
  const backend = new Gauge({
    name: 'blindsum_site_backend_info',
    help: 'Always 1; the backend that this site trained with the last time, once it has.',
    labelNames: ['backend'],
    registers: [registry],
  });
  return (event) => {
    if (event.event !== 'trained') return;
    backend.reset();
    backend.set({ backend: event.backend }, 1);
  };
}

function countUploads(registry: Registry): Count {
  const registers = [registry];
  const bytes = new Counter({
    name: 'blindsum_site_upload_bytes_total',
    help: 'Bytes that this site sent of what it uploads, those that were sent again among them.',
    labelNames: ['kind'],
    registers,
  });
  const resumes = new Counter({
    name: 'blindsum_site_upload_resumes_total',
    help: 'Uploads of which the coordinator had a part already, or all.',
    labelNames: ['kind'],
    registers,
  });
  for (const counter of [bytes, resumes])
    startAtZero(
      counter,
      ['ciphertext', 'shares', 'checkpoint'].map((kind) => ({ kind })),
    );
  return (event) => {
    if (event.event === 'uploading' && event.offset > 0) resumes.inc({ kind: event.upload });
    if (event.event === 'checkpoint-sealed') bytes.inc({ kind: 'checkpoint' }, event.bytesSent);
    if (event.event !== 'uploaded') return;
    bytes.inc({ kind: 'ciphertext' }, event.ciphertextBytes);
    bytes.inc({ kind: 'shares' }, event.bytesSent - event.ciphertextBytes);
  };
}

function countTroubles(registry: Registry): Count {
  const registers = [registry];
  const refusals = new Counter({
    name: 'blindsum_site_refusals_total',
    help: 'What this site refused of what it was shown, by code: of a round, a roster or the log.',
    labelNames: ['subject', 'code'],
    registers,
  });
  const waits = new Counter({
    name: 'blindsum_site_waits_total',
    help: 'Times that this site waited before it asked again, by code: UNAVAILABLE while the coordinator is away.',
    labelNames: ['code'],
    registers,
  });
  const receipts = new Counter({
    name: 'blindsum_site_receipts_total',
    help: 'What the log says of the commitments of this site: included, left-out, attempt-failed, or broken promises.',
    labelNames: ['fate'],
    registers,
  });
  startAtZero(waits, [{ code: 'UNAVAILABLE' }]);
  startAtZero(
    receipts,
    FATES.map((fate) => ({ fate })),
  );
  const subjects: Partial<Record<ProgressEvent['event'], string>> = {
    refused: 'round',
    'roster-refused': 'roster',
    'log-refused': 'log',
  };
  return (event) => {
    if (event.event === 'receipt') receipts.inc({ fate: event.fate });
    if (event.event === 'waiting') waits.inc({ code: event.code });
    const subject = subjects[event.event];
    if (subject !== undefined && 'code' in event) refusals.inc({ subject, code: event.code });
  };
}
