import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import { Heartbeat } from './heartbeat.ts';
import type { Clock, Coordinator, SiteStatus } from './ports.ts';
import type { ProgressEvent } from './session-progress.ts';

const PLACE = { job: 'a-job' as JobId, round: 1, attempt: 1, kind: 'training' } as const;

/** What is told after each of the events. */
async function toldAfter(events: readonly ProgressEvent[]): Promise<SiteStatus[]> {
  const ending = new AbortController();
  const heartbeat = new Heartbeat('0.1.0');
  const report = heartbeat.following(() => {});
  const told: SiteStatus[] = [];
  const coordinator: Pick<Coordinator, 'heartbeat'> = {
    async heartbeat(status) {
      told.push(status);
      const event = events[told.length - 1];
      if (event) report(event);
      else ending.abort();
      return { intervalMs: 1 };
    },
  };
  const clock: Clock = { nowMs: () => 0, sleep: async () => {} };
  await heartbeat.run(coordinator as Coordinator, clock, ending.signal);
  return told.slice(1);
}

test('a site tells what it does, and no longer that it uploads once its update is in', async () => {
  const told = await toldAfter([
    { ...PLACE, event: 'phase', phase: 'collecting' },
    { ...PLACE, event: 'train', epoch: 1, epochs: 4, loss: 0.5 },
    { ...PLACE, event: 'trained', loss: 0.5, backend: 'wasm', norm: 1, ms: 1 },
    { ...PLACE, event: 'encrypted', bytes: 1, ms: 1 },
    { ...PLACE, event: 'committed', ms: 1 },
  ]);
  assert.deepEqual(
    told.map(({ activity, permille }) => [activity, permille]),
    [
      ['collecting', 0],
      ['training', 250],
      ['encrypting', 0],
      ['uploading', 0],
      ['committed', 0],
    ],
  );
  assert.equal(told.at(-1)?.backend, 'wasm');
});
