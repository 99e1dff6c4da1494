// A good job, disturbed in one place; every place in turn, so that nothing is left to luck.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobView } from '../../coordinator/src/job-watch.ts';
import type { Published } from '../../coordinator/src/round/round.ts';
import { FAULTS } from './fault-injection.ts';
import { Schedule, type Plan } from './schedule.ts';

const GOOD: Plan = { sites: 3 };
const { writes, sent, reference } = await playGood();

test('a good job publishes every round with every site', async () => {
  assert.equal(reference.job.status.state, 'finished');
  assert.ok(writes > 70, `only ${writes} writes`);
});

for (const fault of FAULTS) {
  for (const faultsAreFatal of [true, false]) {
    test(`a good job survives any single write that ${fault}, ${faultsAreFatal ? 'with a crash' : 'reported only'}`, async () => {
      for (let nth = 1; nth <= writes; nth++) {
        const schedule = await play({ ...GOOD, faults: new Map([[nth, fault]]), faultsAreFatal });
        await assertSameAsReference(schedule, `write ${nth}`);
      }
    });
  }
}

test('a good job survives the loss of any single message', async () => {
  for (let nth = 1; nth <= sent; nth++)
    await assertSameAsReference(await play({ ...GOOD, lost: new Set([nth]) }), `message ${nth}`);
});

test('a good job survives that every message arrives twice', async () => {
  await assertSameAsReference(await play({ ...GOOD, resends: true }), 'twice');
});

async function playGood() {
  const schedule = await play(GOOD);
  return {
    writes: schedule.world.faults.writes,
    sent: schedule.sent,
    reference: (await schedule.world.view()) as JobView,
  };
}

async function play(plan: Plan): Promise<Schedule> {
  const schedule = new Schedule(plan);
  await schedule.begin();
  await schedule.calm();
  return schedule;
}

/** Nothing was lost and nothing was excluded: the same model, at the first attempt of each round. */
async function assertSameAsReference({ world }: Schedule, what: string): Promise<void> {
  const view = await world.view();
  assert.deepEqual(view?.job.status, reference.job.status, what);
  const rounds = await world.rounds.list(world.job);
  assert.deepEqual(
    rounds.map(({ id, round }) => [id.round, id.attempt, (round as Published).set.members]),
    [0, 1, 2].map((round) => [round, 1, world.sites]),
    what,
  );
}
