// A job that goes well: a site is ended at every write in turn, so that nothing is left to luck.
import assert from 'node:assert/strict';
import { playTests, test } from '../simulation/played-tests.ts';
import '../simulation/simulated-modules.ts';
import { crashesAt } from './crashes-at.ts';
import type { FederationPlan } from './federation-plan.ts';

const { endingOf, survives } = await import('./endings.ts');
const { play } = await import('./schedule.ts');

const GOOD: FederationPlan = { sites: 3 };
test('a good job publishes every round with every site at the first attempt', async () => {
  const { status, rounds, sites } = await endingOf(await play(GOOD));
  assert.equal(status?.state, 'finished');
  const sets = rounds.map(({ place, phase, members }) => `${place} ${phase} ${members.length}`);
  assert.deepEqual(sets, ['0-1 published 3', '1-1 published 3', '2-1 published 3']);
  for (const end of sites) assert.ok(typeof end === 'object' && end.kind === 'finished');
});

test('the same plan and seed give the same run, step by step, and another seed another', async () => {
  const chances = {
    loss: 0.2,
    siteCrash: 0.02,
    coordinatorCrash: 0.02,
    powerCut: 0.5,
    reorder: 0.5,
    wait: 0.05,
    operate: 0,
  };
  const traceOf = async (seed: number) => (await play(GOOD, { seed, steps: 300, chances })).agenda.trace;
  const first = await traceOf(7);
  assert.ok(first.length > 400);
  assert.deepEqual(await traceOf(7), first);
  assert.notDeepEqual(await traceOf(8), first);
});

test('a good job survives a crash of a site at any record of its journal, and a power cut at any write to its disk', async () => {
  const { reached } = await survives(GOOD, (reference) => [
    ...crashesAt(reference, /^site-1: journal/, { when: 'before' }),
    ...crashesAt(reference, /^site-1: journal/, { when: 'after' }),
    // The last round does nothing that the first has not done.
    ...crashesAt(reference, /^site-1: disk (?!.*\/2-1\/)/, { when: 'after', power: true }),
  ]);
  for (const place of [
    'crash before journal recordConsent',
    'crash before journal recordCommitment',
    'crash before journal recordAccepted',
    'crash before journal recordAcknowledgement',
    'crash before journal recordOpening',
    'crash before journal recordOutcome',
    'crash before journal recordModel',
    'crash after disk rename ciphertext.bin.partial ciphertext.bin',
    'crash after disk rename shares.bin.partial shares.bin',
    'crash after disk rename opening.bin.partial opening.bin',
  ])
    assert.ok(reached.has(place), `never reached: ${place}`);
});

await playTests();
