import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecord, type LogRecord } from '@blindsum/proto/tlog';
import { incidentOf } from './log/log-store.contract.ts';
import { createMetrics } from './metrics.ts';
import { timedLog } from './timed-log.ts';

const measured = () => createMetrics(() => Promise.reject(new Error('not asked')));

test('how long a record took is measured, and its place is handed on', async () => {
  const metrics = measured();
  let nowMs = 1000;
  const log = { append: async () => ((nowMs += 250), { index: 7 }) };
  const record = createRecord('incident', incidentOf(1).predicate);
  assert.deepEqual(
    await timedLog(log, { clock: { nowMs: () => nowMs }, federation: 'test.example' }, metrics).append(
      record,
    ),
    { index: 7 },
  );
  const text = await metrics.registry.getSingleMetricAsString('blindsum_log_append_seconds');
  assert.match(text, /^blindsum_log_append_seconds_sum 0\.25$/m);
  assert.match(text, /^blindsum_log_append_seconds_count 1$/m);
});

test('the clipped share of a published training round is measured, and of nothing else', async () => {
  const metrics = measured();
  const log = timedLog(
    { append: async () => ({ index: 0 }) },
    { clock: { nowMs: () => 0 }, federation: 'test.example' },
    metrics,
  );
  const ofRound = (counts: object) => ({ kind: 'round', predicate: { metrics: counts } }) as LogRecord;
  await log.append(ofRound({ clippedMillionths: 2_500 }));
  await log.append(ofRound({ examples: 7 }));
  await log.append(createRecord('incident', incidentOf(1).predicate));
  const text = await metrics.registry.getSingleMetricAsString('blindsum_round_clipped_ratio');
  assert.match(text, /_sum 0\.0025$/m);
  assert.match(text, /_count 1$/m);
});
