// Logs that lie to some of the sites: forked, shrunk, or without the set that is to be opened, with a crash at every write of a site
// that keeps it.
import assert from 'node:assert/strict';
import { playTests, test } from '../simulation/played-tests.ts';
import '../simulation/simulated-modules.ts';
import { crashesAt } from './crashes-at.ts';
import type { FederationPlan } from './federation-plan.ts';
import type { Lie } from './lying-log.ts';

const { playLie } = await import('./schedule.ts');

const ALARM = 'a site does not believe the log any more';

/** Each lie, and what a site that it is told to says. */
const LIES: readonly (readonly [Lie, readonly string[]])[] = [
  ['forks', ['refused: LOG_FORKED', ALARM]],
  ['splits', ['two sites keep different trees', ALARM]],
  ['shrinks', ['refused: LOG_SHRANK', ALARM]],
  ['freezes', ['refused: NOT_FOUND']],
  ['shows records outside', ['refused: BAD_PROOF']],
  ['shows other records', ['refused: NOT_LOGGED']],
];

function planOf(lie: Lie): FederationPlan {
  // Sites have seen the log when they are promised its records, and ask again before they open.
  return {
    sites: 4,
    isLogFollowed: true,
    lyingLog: { lie, sites: [3, 4], round: 1, phase: 'collecting' },
  };
}

for (const [lie, places] of LIES)
  test(`a log that ${lie}: nobody opens what it does not show, and what is kept stays, whatever write a crash comes before or after`, async () => {
    const reference = await playLie(planOf(lie));
    const reached = new Set(reference.reached);
    const crashes = [
      ...crashesAt(reference, /^site-3: journal (log|recordOpening)/, { when: 'before' }),
      ...crashesAt(reference, /^site-3: journal (log|recordOpening)/, { when: 'after' }),
      ...crashesAt(reference, /^site-3: disk .*log-evidence/, { when: 'after', power: true }),
    ];
    for (const [what, change] of crashes) {
      const federation = await playLie({ ...planOf(lie), ...change }).catch((error: unknown) => {
        throw new Error(what, { cause: error });
      });
      federation.reached.forEach((place) => reached.add(place));
    }
    for (const place of places)
      assert.ok(reached.has(place), `never reached: ${place}; ${[...reached].join(', ')}`);
    if (places.includes(ALARM))
      for (const when of ['before', 'after'])
        assert.ok(reached.has(`crash ${when} journal log.raise`), `never reached: crash ${when} log.raise`);
  });

await playTests();
