// A whole job on a disk that runs full again and again, at every step of its rounds.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { startTestCoordinator, type CallError, type TestCoordinator } from '../federation.fixture.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../small-disk.fixture.ts';
import { TestJob, type TestRound } from '../whole-rounds.fixture.ts';

const disk = mountSmallDisk(12 << 20)!;
after(() => disk?.remove());
const options = disk ? { timeout: 90_000 } : { skip: NO_SMALL_DISK };

/** How long a step is given to be refused, or to come through; one that waits for the coordinator is not back by then. */
const PATIENCE_MS = 400;

/** Room left at a step, by turns: none, for a message but not for a record, for records but not for an upload or a sum. */
const LEFT = [0, 8192, 24_000, 70_000];

test(
  'a job goes on whenever there is room, loses nothing, and says once that the disk is full',
  options,
  async () => {
    const coordinator = await startTestCoordinator(
      {},
      { stateDirectory: join(disk.path, 's'), logging: { level: 'info' } },
    );
    // Its key is made while there is room.
    await coordinator.get('/healthz');
    after(() => coordinator.running.stop());
    const job = await TestJob.start(coordinator);
    after(() => job.close());
    const seen = { refused: 0, steps: 0 };
    for (let round = 0; round < 3; round++) {
      const played = await job.current();
      assert.equal(played.terms.ref.round, round);
      for (const step of stepsOf(played, job))
        seen.refused += await withoutRoom(step, LEFT[seen.steps++ % LEFT.length]!);
    }
    // Most of them, unless the machine is so busy that the answers come later.
    assert.ok(seen.refused > 0, `${seen.refused} of ${seen.steps} steps found the disk full`);

    const status = await shown(coordinator);
    assert.deepEqual([status.jobs[0]!.state, status.log.size], ['finished', 12]);
    assert.equal(status.disk.state, 'full', 'as of the last half minute');
    assert.match(await (await coordinator.get('/metrics')).text(), /^blindsum_disk_full 1$/m);
    const events = coordinator.lines.map((line) => (JSON.parse(line) as { event: string }).event);
    assert.equal(events.filter((event) => event === 'disk.full').length, 1);
    assert.deepEqual(
      events.filter((event) => event.endsWith('.failed') || event.endsWith('.crashed')),
      [],
    );
    assert.deepEqual(coordinator.crashes, []);
  },
);

test('a start on a disk without any room is refused, and succeeds later', options, async () => {
  const stateDirectory = join(disk.path, 'later');
  disk.fill();
  await assert.rejects(startTestCoordinator({}, { stateDirectory }), { code: 'QUOTA_EXCEEDED' });
  disk.makeRoom();
  const started = await startTestCoordinator({}, { stateDirectory });
  await started.running.stop();
  disk.fill();
  const again = await started.startAnother().catch((error: unknown) => error);
  disk.makeRoom();
  if (again instanceof Refusal) assert.equal(again.code, 'QUOTA_EXCEEDED');
  else await (again as typeof started).running.stop();
});

function stepsOf(round: TestRound, { sites }: TestJob): (() => Promise<void>)[] {
  const each = ['upload', 'commit', 'acknowledge', 'confirm', 'open', 'attest'] as const;
  return each.flatMap((name) => sites.map((site) => () => round[name](site)));
}

/** Tries a step on a full disk, and again with room. Returns 1 if it was refused, else 0. */
async function withoutRoom(step: () => Promise<void>, leftBytes: number): Promise<number> {
  disk.fill(leftBytes);
  // What waits for the coordinator, for a sum for example, has to wait for room.
  const tried = step().then(
    () => 0,
    (error: CallError) => {
      assert.equal(error.code, 'QUOTA_EXCEEDED', error.details);
      return 1;
    },
  );
  try {
    await Promise.race([tried, sleep(PATIENCE_MS)]);
  } finally {
    disk.makeRoom();
  }
  const refused = await Promise.race([tried, sleep(20_000, undefined, { ref: false })]);
  if (refused === undefined) throw new Error('a step goes on for ever, although there is room');
  if (refused > 0) await step();
  return refused;
}

async function shown({ get }: TestCoordinator) {
  const answer = await get('/v1/status');
  return (await answer.json()) as {
    jobs: { state: string }[];
    log: { size: number };
    disk: { state: string };
  };
}
