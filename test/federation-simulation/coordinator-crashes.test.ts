// A coordinator that is ended at every write in turn: in a job that goes well, and in one with a bad dealer and a site that goes
// away.
import assert from 'node:assert/strict';
import { playTests, test } from '../simulation/played-tests.ts';
import '../simulation/simulated-modules.ts';
import { crashesAt } from './crashes-at.ts';
import type { FederationPlan } from './federation-plan.ts';

const { survives } = await import('./endings.ts');

const GOOD: FederationPlan = { sites: 3 };
/** A smaller set, a proxy for a contributor that is gone, a round opened by T sites. */
const EVENTFUL: FederationPlan = {
  sites: 4,
  mischief: [{ site: 2, round: 0, what: 'deals bad shares', always: true }],
  absences: [{ site: 4, round: 2, phase: 'summed', returns: false }],
};

test('a good job survives a crash of the coordinator after any of its writes', async () => {
  const { reached } = await survives(GOOD, (reference) =>
    crashesAt(reference, /^coordinator:/, { when: 'after' }),
  );
  for (const place of [
    'crash after rounds.replace',
    'crash after log.append',
    'crash after blobs.append',
    'crash owing log-sealed while sealed',
    'crash owing sum while sealed',
    'crash owing log-published while published',
    'crash owing advance-job while published',
  ])
    assert.ok(reached.has(place), `never reached: ${place}`);
});

test('a job with a smaller set and a site that is gone ends whatever write ends a process, and T sites are enough', async () => {
  const { reached } = await survives(
    EVENTFUL,
    (reference) => crashesAt(reference, /^coordinator: (rounds|jobs|log)/, { when: 'before' }),
    ({ rounds }) => rounds.slice(0, 1),
  );
  for (const place of ['smaller set sealed', 'site complained', 'checksum signed by a proxy', 'job finished'])
    assert.ok(reached.has(place), `never reached: ${place}`);
});

await playTests();
