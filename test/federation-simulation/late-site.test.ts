// A site that joins a running job and catches up from a sealed checkpoint, with a crash at every write that has to do with it.
import assert from 'node:assert/strict';
import { playTests, test } from '../simulation/played-tests.ts';
import '../simulation/simulated-modules.ts';
import { crashesAt } from './crashes-at.ts';
import type { FederationPlan } from './federation-plan.ts';

const { endingOf, survives } = await import('./endings.ts');
const { play } = await import('./schedule.ts');

const LATE: FederationPlan = { sites: 3, latecomers: [{ site: 3, round: 1, phase: 'collecting' }] };

test('a site that consents while a round goes on is in the next one, from the model that another site sealed for it', async () => {
  const federation = await play(LATE);
  const { rounds, sites } = await endingOf(federation);
  assert.deepEqual(
    rounds.map(({ members }) => members.length),
    [2, 2, 3],
  );
  for (const place of ['site joined a running job', 'site checkpoint-sealed', 'site caught-up'])
    assert.ok(federation.reached.has(place), place);
  const held = sites.map((end) => typeof end === 'object' && 'modelHash' in end && end.modelHash);
  assert.ok(held[0] && held.every((hash) => hash === held[0]));
});

test('it does so whichever write of a checkpoint, or of its own, a crash comes before or after', async () => {
  const { reached } = await survives(
    LATE,
    (reference) => [
      ...crashesAt(reference, /^coordinator: checkpoints/, { when: 'before' }),
      ...crashesAt(reference, /^coordinator: checkpoints/, { when: 'after' }),
      ...crashesAt(reference, /disk .*checkpoint/, { when: 'after', power: true }),
      ...crashesAt(reference, /^site-3: journal/, { when: 'before' }),
      ...crashesAt(reference, /^site-3: journal/, { when: 'after' }),
    ],
    // Whoever is late is in the last round or in none.
    ({ status, sites }) => [status?.state, sites],
  );
  for (const place of [
    'crash before checkpoints.replace',
    'crash after checkpoints.replace',
    'site caught-up',
  ])
    assert.ok(reached.has(place), place);
});

await playTests();
