import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecord } from '@blindsum/proto/tlog';
import { incidentOf } from './log/log-store.contract.ts';
import { createMetrics } from './metrics.ts';
import { timedLog } from './timed-log.ts';

test('how long a record took is measured, and its place is handed on', async () => {
  const metrics = createMetrics(() => Promise.reject(new Error('not asked')));
  let nowMs = 1000;
  const log = { append: async () => ((nowMs += 250), { index: 7 }) };
  const record = createRecord('incident', incidentOf(1).predicate);
  assert.deepEqual(
    await timedLog(log, { nowMs: () => nowMs }, (seconds) => metrics.logged(seconds)).append(record),
    { index: 7 },
  );
  const text = await metrics.registry.getSingleMetricAsString('blindsum_log_append_seconds');
  assert.match(text, /^blindsum_log_append_seconds_sum 0\.25$/m);
  assert.match(text, /^blindsum_log_append_seconds_count 1$/m);
});
