import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, JobId, SiteId } from '@blindsum/proto';
import type { ProgressEvent } from '../session-progress.ts';
import { listenForMetrics } from './metrics-server.ts';
import { createSiteMetrics, type SiteSnapshot } from './site-metrics.ts';

const SNAPSHOT: SiteSnapshot = {
  certificateEndsMs: 1_800_000_000_000,
  logEntries: 12,
  logAlarm: true,
  promisesOpen: 2,
  trainingsOpen: 3,
  disk: { usedBytes: 7_000, freeBytes: 9_000 },
};
const ROUND = { job: 'job' as JobId, round: 1, attempt: 1, kind: 'training' } as const;
const MODEL = 'ab'.repeat(32) as Digest;

async function after(events: readonly ProgressEvent[]): Promise<string> {
  const metrics = createSiteMetrics(
    () => SNAPSHOT,
    () => 1_700_000_000_000,
  );
  const told: ProgressEvent[] = [];
  const report = metrics.following((event) => told.push(event));
  for (const event of events) report(event);
  assert.deepEqual(told, events);
  return metrics.registry.metrics();
}

function assertLines(text: string, lines: readonly string[]): void {
  for (const line of lines) assert.ok(text.split('\n').includes(line), line);
}

test('the certificate, the disk, the log and its promises are looked up once at each scrape', async () => {
  assertLines(await after([]), [
    'blindsum_site_trainings_open 3',
    'blindsum_site_state_bytes 7000',
    'blindsum_site_disk_free_bytes 9000',
    'blindsum_site_certificate_expiry_timestamp_seconds 1800000000',
    'blindsum_site_log_entries 12',
    'blindsum_site_log_alarm 1',
    'blindsum_site_log_promises_open 2',
  ]);
});

test('a number that is not to be had is not shown, and each scrape looks anew, once', async () => {
  const disks = [
    { usedBytes: 1, freeBytes: undefined },
    { usedBytes: 2, freeBytes: 3 },
  ];
  const { registry } = createSiteMetrics(
    () => ({ ...SNAPSHOT, disk: disks.shift()! }),
    () => 0,
  );
  const [first, second] = [await registry.metrics(), await registry.metrics()];
  assert.match(first, /^blindsum_site_state_bytes 1$/m);
  assert.doesNotMatch(first, /^blindsum_site_disk_free_bytes/m);
  assertLines(second, ['blindsum_site_state_bytes 2', 'blindsum_site_disk_free_bytes 3']);
});

test('what has not happened yet is counted as 0: Prometheus sees no increase in what was not there', async () => {
  assertLines(await after([]), [
    'blindsum_site_rounds_total{kind="training",result="applied"} 0',
    'blindsum_site_receipts_total{fate="broken"} 0',
    'blindsum_site_waits_total{code="UNAVAILABLE"} 0',
    'blindsum_site_upload_resumes_total{kind="ciphertext"} 0',
  ]);
});

test('the backend is that of the last training alone', async () => {
  const trained = { event: 'trained', ...ROUND, loss: 1, norm: 1, ms: 1 } as const;
  const text = await after([
    { ...trained, backend: 'native-gpu' },
    { ...trained, backend: 'cpu' },
  ]);
  assertLines(text, ['blindsum_site_backend_info{backend="cpu"} 1']);
  assert.doesNotMatch(text, /native-gpu/);
});

test('a round that was gone through is counted with its steps, bytes and clipped share', async () => {
  const text = await after([
    { event: 'trained', ...ROUND, loss: 0.25, backend: 'cpu', norm: 3, ms: 2_000 },
    { event: 'uploading', ...ROUND, upload: 'ciphertext', offset: 1 },
    { event: 'uploading', ...ROUND, upload: 'shares', offset: 0 },
    { event: 'uploaded', ...ROUND, ciphertextBytes: 900, bytesSent: 1_000, ms: 10 },
    { event: 'committed', ...ROUND, ms: 10 },
    {
      ...{ event: 'applied', ...ROUND, contributors: 3, modelHash: MODEL, ms: 10 },
      metrics: { clippedMillionths: 1_500 },
    },
    { event: 'finished', job: ROUND.job, modelHash: MODEL },
  ]);
  assertLines(text, [
    'blindsum_site_step_seconds_sum{step="train"} 2',
    'blindsum_site_upload_resumes_total{kind="ciphertext"} 1',
    'blindsum_site_upload_bytes_total{kind="ciphertext"} 900',
    'blindsum_site_upload_bytes_total{kind="shares"} 100',
    'blindsum_site_rounds_total{kind="training",result="committed"} 1',
    'blindsum_site_rounds_total{kind="training",result="applied"} 1',
    'blindsum_site_contributors 3',
    'blindsum_site_clipped_ratio 0.0015',
    'blindsum_site_last_model_timestamp_seconds 1700000000',
    'blindsum_site_jobs_total{result="finished"} 1',
  ]);
  assertLines(text, ['blindsum_site_upload_resumes_total{kind="shares"} 0']);
});

test('a loss, a norm, a job or a round is in no metric', async () => {
  const text = await after([
    { event: 'trained', ...ROUND, loss: 0.123456, backend: 'cpu', norm: 3.14159, ms: 1 },
    { event: 'consented', job: ROUND.job, examples: 4711, holdout: 815 },
  ]);
  const ours = text.split('\n').filter((line) => line.startsWith('blindsum_'));
  assert.ok(ours.length > 10);
  for (const line of ours) assert.doesNotMatch(line, /0\.123456|3\.14159|4711|815|job=|round=|"job"/);
});

test('what was refused, waited for and promised is counted by code and fate', async () => {
  const trouble = { code: 'BAD_SIGNATURE', detail: 'x' } as const;
  const text = await after([
    { event: 'refused', ...ROUND, ...trouble },
    { event: 'log-refused', ...trouble },
    { event: 'waiting', code: 'UNAVAILABLE', detail: 'x', retryMs: 1 },
    { ...{ event: 'receipt', job: ROUND.job, round: 1, attempt: 1 }, fate: 'broken', why: 'x' },
    {
      ...{ event: 'caught-up', job: ROUND.job, round: 1, attempt: 1 },
      modelHash: MODEL,
      ms: 5,
      sealer: 'b' as SiteId,
    },
  ]);
  assertLines(text, [
    'blindsum_site_refusals_total{subject="round",code="BAD_SIGNATURE"} 1',
    'blindsum_site_refusals_total{subject="log",code="BAD_SIGNATURE"} 1',
    'blindsum_site_waits_total{code="UNAVAILABLE"} 1',
    'blindsum_site_receipts_total{fate="broken"} 1',
    'blindsum_site_rounds_total{kind="training",result="caught_up"} 1',
  ]);
});

test('Prometheus is answered on loopback, and a port that is taken is a mistake in the configuration', async () => {
  const { registry } = createSiteMetrics(
    () => SNAPSHOT,
    () => 0,
  );
  const server = await listenForMetrics('127.0.0.1:0', registry);
  try {
    const response = await fetch(`${server.url}/metrics`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.match(await response.text(), /^blindsum_site_log_entries 12$/m);
    assert.equal((await fetch(`${server.url}/`)).status, 404);
    const { host } = new URL(server.url);
    await assert.rejects(listenForMetrics(host, registry), { code: 'CONFIG_INVALID' });
  } finally {
    await server.close();
  }
});
