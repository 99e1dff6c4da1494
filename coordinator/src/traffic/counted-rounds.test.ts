// Bytes by phase as the API tells them, of rounds that were played over the wire.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK_BYTES, SEALED_SHARE_BYTES } from '@blindsum/proto';
import { DownloadService } from '@blindsum/proto/rpc';
import { startTestCoordinator, type RoundInit, type TestCoordinator } from '../federation.fixture.ts';
import { TestJob } from '../whole-rounds.fixture.ts';
import type { PhaseTraffic } from './round-traffic.ts';

const SITES = 3;
/** Signed messages are small, and each has a signature. */
const MESSAGE = { least: 64, most: 2000 };

async function trafficOf({ get }: TestCoordinator): Promise<Map<string, PhaseTraffic>> {
  const answer = await get('/v1/jobs/test-job/rounds');
  const { rounds } = (await answer.json()) as { rounds: { round: number; traffic: PhaseTraffic[] }[] };
  const traffic = rounds.find(({ round }) => round === 0)?.traffic ?? [];
  return new Map(traffic.map((one) => [one.phase, one]));
}

test('what sites uploaded, signed and fetched is told by phase, and a coordinator that starts again still knows', async () => {
  const coordinator = await startTestCoordinator();
  const job = await TestJob.start(coordinator);
  try {
    const round = await job.current();
    await round.play();
    const fetched = await fetchOpenings(job, round.terms.ref);
    const told = await trafficOf(coordinator);
    assert.ok(fetched > SITES * SEALED_SHARE_BYTES);
    assert.deepEqual(told.get('published'), { phase: 'published', receivedBytes: 0, sentBytes: fetched });
    const collected = SITES * (round.terms.chunks * CHUNK_BYTES + SITES * SEALED_SHARE_BYTES);
    verifyReceived(told.get('collecting'), collected, SITES);
    verifyReceived(told.get('sealed'), 0, SITES);
    verifyReceived(told.get('summed'), 0, SITES);
    verifyReceived(told.get('opening'), SITES * SITES * SEALED_SHARE_BYTES, 2 * SITES);
    await coordinator.running.stop();
    const again = await coordinator.startAnother();
    const kept = await trafficOf(again);
    await again.running.stop();
    assert.deepEqual(kept, told);
  } finally {
    job.close();
    await coordinator.remove();
  }
});

async function fetchOpenings(job: TestJob, ref: RoundInit): Promise<number> {
  const openings = await job.sites[0]!.download(DownloadService, 'downloadOpenings', { ref });
  const lengths = openings.flatMap(({ sealed, proof }) => [sealed, ...proof]).map(({ length }) => length);
  return lengths.reduce((sum, length) => sum + length, 0);
}

/** Uploads to the byte, and so many messages besides. */
function verifyReceived(told: PhaseTraffic | undefined, uploads: number, messages: number): void {
  const signed = (told?.receivedBytes ?? 0) - uploads;
  const { least, most } = MESSAGE;
  assert.ok(signed > messages * least && signed < messages * most, `${told?.phase}: ${signed}`);
}
