// Half of the random schedules of a whole federation; the other half runs in a process of its own.
import assert from 'node:assert/strict';
import { playTests, test } from '../simulation/played-tests.ts';
import '../simulation/simulated-modules.ts';
import { PLACES } from './places.ts';

const { playRandomPlans } = await import('./disturbed-schedules.ts');

const RUNS = Number(process.env['BLINDSUM_SIMULATION_RUNS'] ?? 300);

let reached: ReadonlySet<string> = new Set();

test('series 1: the invariants hold after every step of a disturbed federation, and every job comes to an end', async () => {
  reached = await playRandomPlans(1, RUNS);
});

test('series 1: the schedules got to every place that matters', () => {
  const missed = PLACES.filter((place) => !reached.has(place));
  assert.deepEqual(missed, []);
});

await playTests();
