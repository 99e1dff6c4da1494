import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK_BYTES, type SiteId } from '@blindsum/proto';
import { createMetrics } from './metrics.ts';
import type { SumTask } from './ports.ts';
import type { Snapshot } from './snapshot-gauges.ts';
import { timedAggregator } from './timed-aggregator.ts';

const SNAPSHOT: Snapshot = {
  contributors: { expected: 5, in: 3 },
  rounds: { collecting: 1, opening: 2 },
  jobs: { queued: 4, running: 3 },
  sites: { admitted: 6, online: 5 },
  disk: { state: 'ok', freeBytes: 10 },
  blobBytes: 20,
  certificates: {
    coordinatorEndsMs: 1_800_000_000_000,
    sites: [{ site: 'hospital-a' as SiteId, endsMs: 1_700_000_000_500 }],
  },
};

const TASK = { set: { members: ['a', 'b', 'c'] }, chunks: 2 } as unknown as SumTask;

test('what is there is told at each scrape', async () => {
  const text = await createMetrics(async () => SNAPSHOT).registry.metrics();
  for (const line of [
    'blindsum_contributors_expected 5',
    'blindsum_contributors_in 3',
    'blindsum_rounds_open{phase="opening"} 2',
    'blindsum_queue_depth{queue="jobs"} 4',
    'blindsum_coordinator_certificate_expiry_timestamp_seconds 1800000000',
    'blindsum_member_certificate_expiry_timestamp_seconds{site="hospital-a"} 1700000000.5',
  ])
    assert.ok(text.split('\n').includes(line), line);
});

test('what has not happened yet is counted as 0: Prometheus sees no increase in what was not there', async () => {
  const lines = (await createMetrics(async () => SNAPSHOT).registry.metrics()).split('\n');
  for (const series of [
    'rounds_total{phase="opening",result="MODEL_DISAGREEMENT"}',
    'rounds_total{phase="summed",result="CHECKSUM_MISMATCH"}',
    'contributors_total{result="left_out"}',
    'upload_resumes_total{kind="checkpoint"}',
    'uploads_refused_total{limit="disk"}',
    'timestamps_total{result="failed"}',
  ])
    assert.ok(lines.includes(`blindsum_${series} 0`), series);
});

test('a site that is gone is not told of any more', async () => {
  let sites = SNAPSHOT.certificates.sites;
  const { registry } = createMetrics(async () => ({
    ...SNAPSHOT,
    certificates: { coordinatorEndsMs: 0, sites },
  }));
  await registry.metrics();
  sites = [];
  assert.doesNotMatch(await registry.metrics(), /hospital-a/);
});

test('ended attempts are counted by phase and result, and so is who was left out', async () => {
  const metrics = createMetrics(async () => SNAPSHOT);
  metrics.roundEnded({ result: 'published', phase: 'opening', counted: 4, leftOut: 1 });
  metrics.roundEnded({ result: 'TOO_FEW_OPENINGS', phase: 'opening', counted: 0, leftOut: 0 });
  const text = await metrics.registry.metrics();
  assert.match(text, /^blindsum_rounds_total\{phase="opening",result="published"\} 1$/m);
  assert.match(text, /^blindsum_rounds_total\{phase="opening",result="TOO_FEW_OPENINGS"\} 1$/m);
  assert.match(text, /^blindsum_contributors_total\{result="counted"\} 4$/m);
  assert.match(text, /^blindsum_contributors_total\{result="left_out"\} 1$/m);
});

test('a sum under way is in the queue, and its bytes and time are counted once it is done', async () => {
  const metrics = createMetrics(async () => SNAPSHOT);
  let nowMs = 0;
  const summing = Promise.withResolvers<never>();
  const aggregator = timedAggregator(
    { sum: () => summing.promise },
    { clock: { nowMs: () => nowMs }, federation: 'test.example' },
    metrics,
  );
  const done = aggregator.sum(TASK);
  assert.match(await metrics.registry.metrics(), /^blindsum_queue_depth\{queue="sums"\} 1$/m);
  nowMs = 500;
  summing.resolve({} as never);
  await done;
  const text = await metrics.registry.metrics();
  assert.match(text, /^blindsum_queue_depth\{queue="sums"\} 0$/m);
  assert.match(text, new RegExp(`^blindsum_summed_bytes_total ${3 * 2 * CHUNK_BYTES}$`, 'm'));
  assert.match(text, /^blindsum_sum_seconds_sum 0\.5$/m);
});

test('a sum that failed leaves the queue, and counts nothing', async () => {
  const metrics = createMetrics(async () => SNAPSHOT);
  const failing = { sum: () => Promise.reject(new Error('no disk')) };
  await assert.rejects(
    timedAggregator(failing, { clock: { nowMs: () => 0 }, federation: 'test.example' }, metrics).sum(TASK),
    /no disk/,
  );
  const text = await metrics.registry.metrics();
  assert.match(text, /^blindsum_queue_depth\{queue="sums"\} 0$/m);
  assert.match(text, /^blindsum_summed_bytes_total 0$/m);
});
