// Jobs that go a known way, disturbed in one place; every place in turn, so that nothing is left to luck.
import assert from 'node:assert/strict';
import type { SiteId } from '@blindsum/proto';
import { FAULTS } from './fault-injection.ts';
import type { Misbehaviour } from './model-site.ts';
import type { Plan, Schedule as PlayedSchedule } from './schedule.ts';
import { playTests, test } from './played-tests.ts';
import './simulated-modules.ts';

const { recordName } = await import('@blindsum/proto/tlog');
const { Schedule } = await import('./schedule.ts');

const GOOD: Plan = { sites: 3 };
/** A smaller set, a proxy, a site that does not open. */
const EVENTFUL: Plan = {
  sites: 4,
  misbehaviours: [
    misbehave(2, 0, 'deals bad shares'),
    misbehave(3, 1, 'never checks'),
    misbehave(4, 2, 'never opens'),
  ],
};
/** A newcomer from round 1 on, and without the sites that withdraw, or leave with a roster, from round 2 on. */
const CHANGING: Plan = {
  sites: 5,
  joining: ['site-6' as SiteId],
  ceremonies: [
    { round: 0, phase: 'collecting', change: 'joins' },
    { round: 1, phase: 'collecting', change: 'leaves' },
  ],
  withdrawals: [{ round: 1, phase: 'sealed', site: 'site-2' as SiteId }],
};
/** A site that others seal the model for. */
const AWAY: Plan = { sites: 4, misbehaviours: [misbehave(4, 0, 'never attests')] };
/** Two attempts that fail, and with them the job. */
const HOPELESS: Plan = {
  sites: 3,
  misbehaviours: [misbehave(2, 0, 'never commits'), misbehave(3, 0, 'never commits')],
};

test('a good job publishes every round with every site at the first attempt', async () => {
  const { status, rounds } = await ending(await play(GOOD));
  assert.match(status, /finished/);
  assert.deepEqual(
    rounds.map(({ id, members }) => [id.round, id.attempt, members.length]),
    [0, 1, 2].map((round) => [round, 1, 3]),
  );
});

for (const fault of FAULTS) {
  test(`a good job survives a crash at any single write that ${fault}`, async () => {
    await survives(GOOD, (nth) => ({ faults: new Map([[nth, fault]]), faultsAreFatal: true }));
  });
}

test('a good job survives that any single write is not made, without a crash', async () => {
  await survives(GOOD, (nth) => ({ faults: new Map([[nth, 'fails and does not persist']]) }));
});

test('a job with a site that others seal the model for survives that any single write is not made, without a crash', async () => {
  const { world } = await survives(AWAY, (nth) => ({
    faults: new Map([[nth, 'fails and does not persist']]),
  }));
  for (const place of ['checkpoint accepted', 'checkpoint for a site in need'])
    assert.ok(world.reached.has(place), place);
});

test('a job with a smaller set, proxies and absent openers survives a crash after any single write', async () => {
  const { world } = await survives(EVENTFUL, (nth) => ({
    faults: new Map([[nth, 'fails but persists']]),
    faultsAreFatal: true,
  }));
  assert.ok(world.reached.has('smaller set sealed'));
  assert.ok(world.reached.has('checksum signed by a proxy'));
});

for (const fault of FAULTS) {
  test(`a job whose members come and go survives a crash at any single write that ${fault}`, async () => {
    const reference = await survives(CHANGING, (nth) => ({
      faults: new Map([[nth, fault]]),
      faultsAreFatal: true,
    }));
    const { rounds } = await ending(reference);
    assert.deepEqual(
      rounds.map(({ members }) => members.map((site) => site.slice(5)).join(' ')),
      ['1 2 3 4 5', '6 1 2 3 4 5', '6 1 3 4'],
    );
    for (const place of ['a site that has withdrawn opened', 'withdrawal accepted while sealed'])
      assert.ok(reference.world.reached.has(place), place);
  });
}

test('a job that fails does so once, whichever single write is lost', async () => {
  for (const fault of FAULTS) {
    const { world } = await survives(HOPELESS, (nth) => ({
      faults: new Map([[nth, fault]]),
      faultsAreFatal: true,
    }));
    assert.ok(world.reached.has('job failed'));
    const incidents = world.log.records.filter(({ kind }) => kind === 'incident');
    assert.deepEqual(
      incidents.map(({ predicate }) => 'attempt' in predicate && predicate.attempt),
      [1, 2],
    );
  }
});

test('a good job survives the loss of any single message', async () => {
  const reference = await play(GOOD);
  for (let nth = 1; nth <= reference.sent; nth++)
    await assertSameEnding(await play({ ...GOOD, lost: new Set([nth]) }), reference, `message ${nth}`);
});

test('a good job survives that every message arrives twice', async () => {
  await assertSameEnding(await play({ ...GOOD, resends: true }), await play(GOOD), 'twice');
});

/** Plays the plan with each of its writes disturbed in turn: nothing may be lost by it. Returns the undisturbed run. */
async function survives(plan: Plan, disturb: (nth: number) => Partial<Plan>): Promise<PlayedSchedule> {
  const reference = await play(plan);
  for (let nth = 1; nth <= reference.world.faults.writes; nth++)
    await assertSameEnding(await play({ ...plan, ...disturb(nth) }), reference, `write ${nth}`);
  return reference;
}

async function play(plan: Plan): Promise<PlayedSchedule> {
  const schedule = new Schedule(plan);
  await schedule.begin();
  await schedule.calm();
  return schedule;
}

/** The same models, from the same sets, at the same attempts, under the same records. */
async function assertSameEnding(
  played: PlayedSchedule,
  reference: PlayedSchedule,
  what: string,
): Promise<void> {
  assert.deepEqual(await ending(played), await ending(reference), what);
}

async function ending({ world }: PlayedSchedule) {
  const rounds = (await world.rounds.list(world.job)).map(({ id, round }) => ({
    id,
    phase: round.phase,
    members: 'set' in round ? round.set.members : [],
  }));
  const status = JSON.stringify((await world.jobs.load(world.job))?.status);
  // A roster may be adopted, and logged, while a round goes on.
  const ofJob = world.log.records.filter(({ kind }) => kind !== 'roster');
  return { status, rounds, records: ofJob.map((record) => recordName(record)) };
}

function misbehave(site: number, round: number, what: Misbehaviour['what']): Misbehaviour {
  return { site: `site-${site}` as SiteId, round, what, always: true };
}

await playTests();
