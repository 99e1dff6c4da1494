import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import { openSqliteDatabase } from '../storage/database.ts';
import { createSqliteTrafficStore } from '../storage/sqlite-traffic-store.ts';
import { RoundTraffic, type TrafficStore } from './round-traffic.ts';

const job = 'a-job' as JobId;
const first = { job, round: 1, attempt: 1 };
const second = { job, round: 1, attempt: 2 };

async function openStore(): Promise<TrafficStore> {
  return createSqliteTrafficStore(await openSqliteDatabase(':memory:'));
}

test('bytes are summed by attempt and phase, whether they are written down or not, and outlast a restart', async () => {
  const store = await openStore();
  const traffic = new RoundTraffic(store);
  traffic.sent(first, 'summed', 7);
  traffic.received(first, 'collecting', 100);
  await traffic.flush();
  traffic.received(first, 'collecting', 20);
  traffic.received(second, 'collecting', 3);
  traffic.received({ ...first, job: 'other' as JobId }, 'collecting', 1);
  const expected = [
    { phase: 'collecting', receivedBytes: 120, sentBytes: 0 },
    { phase: 'summed', receivedBytes: 0, sentBytes: 7 },
  ];
  assert.deepEqual((await traffic.ofJob(job))(first), expected);
  await traffic.flush();
  await traffic.flush();
  const restarted = await new RoundTraffic(store).ofJob(job);
  assert.deepEqual(restarted(first), expected);
  assert.deepEqual(restarted(second), [{ phase: 'collecting', receivedBytes: 3, sentBytes: 0 }]);
  assert.deepEqual(restarted({ ...first, round: 9 }), []);
});

test('what could not be written is written the next time, once, and what comes meanwhile is counted once', async () => {
  const store = await openStore();
  const gate = { isBroken: true };
  const traffic = new RoundTraffic({
    list: (of) => store.list(of),
    async add(sums) {
      traffic.received(first, 'collecting', 5);
      if (gate.isBroken) throw new Error('the disk is full');
      await store.add(sums);
    },
  });
  traffic.received(first, 'collecting', 100);
  await assert.rejects(traffic.flush(), /full/);
  gate.isBroken = false;
  const [, shown] = await Promise.all([traffic.flush(), traffic.ofJob(job)]);
  assert.deepEqual(shown(first), [{ phase: 'collecting', receivedBytes: 110, sentBytes: 0 }]);
  assert.equal((await store.list(job))[0]!.receivedBytes, 105);
});
