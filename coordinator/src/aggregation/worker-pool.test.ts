import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Digest, JobId } from '@blindsum/proto';
import { createWorkerPool } from './worker-pool.ts';

/** Of a sum that does not exist. */
const TASK = {
  kind: 'hash',
  id: { job: 'job-1' as JobId, round: 1, attempt: 1 },
  setRoot: 'ab'.repeat(32) as Digest,
  chunks: 1,
  index: 0,
} as const;
const open = () => createWorkerPool(1, { root: join(tmpdir(), 'blindsum-no-such-root') });

test('a task that is under way when its thread is ended is rejected, and so is a later one', async () => {
  const pool = open();
  const underWay = assert.rejects(() => pool.run(TASK), /thread has ended/);
  await pool.close();
  await underWay;
  await assert.rejects(() => pool.run(TASK), /threads have ended/);
});

test('a task that fails ends its thread, with the tasks that wait for it and come to it later', async () => {
  const pool = open();
  const failed = [0, 1].map(() => assert.rejects(() => pool.run(TASK), /an aggregation thread failed/));
  await Promise.all(failed);
  await assert.rejects(() => pool.run(TASK), /an aggregation thread failed/);
  await pool.close();
});
