// A good job that its operator pauses, resumes or cancels, at every step in turn; killed right after, and not.
import assert from 'node:assert/strict';
import type { Plan, Schedule as PlayedSchedule } from './schedule.ts';
import { playTests, test } from './played-tests.ts';
import './simulated-modules.ts';
import type { SimulatedWorld } from './simulated-world.ts';

const { recordName } = await import('@blindsum/proto/tlog');
const { Schedule } = await import('./schedule.ts');

const PAUSED_lastStep = 4;

async function play(operate: Plan['operate'] = async () => undefined): Promise<PlayedSchedule> {
  const schedule = new Schedule({ sites: 3, operate });
  await schedule.begin();
  await schedule.calm();
  return schedule;
}

async function roundsOf({ world }: PlayedSchedule) {
  const rounds = await world.rounds.list(world.job);
  return rounds.map(({ id, round }) => `${id.round} ${id.attempt} ${round.phase}`);
}

/** Of an undisturbed job: the last one in which anything is left to operate. */
let lastStep = 0;
const reference = await play(async (_, step) => {
  lastStep = step;
});

const stateOf = async ({ jobs, job }: SimulatedWorld) => (await jobs.load(job))?.status.state;

for (const isKilled of [false, true]) {
  const killed = isKilled ? ', and killed after each request' : '';

  test(`a job paused at any step and resumed later ends as if it had not been${killed}`, async () => {
    const reached = new Set<string>();
    for (let at = 0; at <= lastStep; at++) {
      const played = await play(async (world, step) => {
        const { control } = world.drivers;
        if (step === at) await world.asks(() => control.pause(world.job));
        if (step === at + PAUSED_lastStep) {
          reached.add((await stateOf(world)) ?? '');
          await world.asks(() => control.resume(world.job));
        }
        if (isKilled && (step === at || step === at + PAUSED_lastStep)) await world.restart();
      });
      assert.deepEqual(await roundsOf(played), await roundsOf(reference), `paused at step ${at}`);
      const names = (schedule: PlayedSchedule) =>
        schedule.world.log.records.map((record) => recordName(record));
      assert.deepEqual(names(played), names(reference));
    }
    assert.ok(reached.has('paused'));
  });

  test(`a job cancelled at any step ends there, and publishes nothing after${killed}`, async () => {
    const phases = new Set<string | undefined>();
    for (let at = 0; at <= lastStep; at++) {
      let published = 0;
      const played = await play(async (world, step) => {
        if (step !== at) return;
        const rounds = await world.rounds.list(world.job);
        published = rounds.filter(({ round }) => round.phase === 'published').length;
        phases.add(rounds.at(-1)?.round.phase);
        await world.asks(() => world.drivers.control.cancel(world.job, 'the test says so'));
        if (isKilled) await world.restart();
      });
      assert.equal(await stateOf(played.world), 'cancelled', `cancelled at step ${at}`);
      const ended = await roundsOf(played);
      assert.equal(ended.filter((round) => round.endsWith('published')).length, published);
      assert.ok(ended.every((round) => round.endsWith('published') || round.endsWith('failed')));
    }
    for (const phase of ['collecting', 'sealed', 'opening']) assert.ok(phases.has(phase), phase);
  });
}

await playTests();
