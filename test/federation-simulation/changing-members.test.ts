// A job whose members come and go, with a crash at every write that has to do with it.
import assert from 'node:assert/strict';
import { playTests, test } from '../simulation/played-tests.ts';
import '../simulation/simulated-modules.ts';
import { crashesAt } from './crashes-at.ts';
import type { FederationPlan } from './federation-plan.ts';

const { endingOf, survives } = await import('./endings.ts');
const { play } = await import('./schedule.ts');

/** Who waits for a site that is gone has time for a ceremony. */
const GONE = { site: 4, round: 0, phase: 'collecting', returns: false } as const;
const JOINED: FederationPlan = {
  sites: 4,
  absences: [GONE],
  ceremonies: [{ round: 0, phase: 'collecting', change: 'joins' }],
};

async function setsOf(plan: FederationPlan) {
  const federation = await play(plan);
  const ending = await endingOf(federation);
  const sets = ending.rounds.map(({ members }) => members.map((site) => site.slice(5)).join(' '));
  return { ...ending, sets, reached: federation.reached };
}

test('a site that a new roster adds consents, catches up from a sealed model and contributes from the next round on', async () => {
  const { sets, sites, reached } = await setsOf(JOINED);
  assert.deepEqual(sets, ['1 2 3', '5 1 2 3', '5 1 2 3']);
  for (const place of ['a round went by a later roster', 'a newcomer contributed', 'site caught-up'])
    assert.ok(reached.has(place), place);
  const held = [0, 1, 2, 4].map((i) => {
    const end = sites[i];
    return typeof end === 'object' && 'modelHash' in end && end.modelHash;
  });
  assert.ok(held[0] && held.every((hash) => hash === held[0]));
});

test('it does so whichever write of rosters or of its own a crash comes before or after', async () => {
  const { reached, runs } = await survives(
    JOINED,
    (reference) => [
      ...crashesAt(reference, /^coordinator: rosters|^site-2: journal recordRoster/, { when: 'before' }),
      ...crashesAt(reference, /^coordinator: (rosters|checkpoints)|^site-2: journal recordRoster/, {
        when: 'after',
      }),
      ...crashesAt(reference, /^site-5: journal/, { when: 'before' }),
      ...crashesAt(reference, /^site-5: journal/, { when: 'after' }),
    ],
    // Whoever is late is in the last round or in none.
    ({ status, sites }) => [status?.state, sites],
  );
  for (const place of [
    'crash before rosters.replace',
    'crash after rosters.replace',
    'crash before journal recordRoster',
    'crash after journal recordRosterApproval',
    'crash after journal recordJobRoster',
    'crash after journal recordConsent',
    'a newcomer contributed',
  ])
    assert.ok(reached.has(place), `never reached: ${place}`);
  assert.ok(runs > 50);
});

test('a member that a new roster leaves out takes no part in the next round, and a job without room keeps its roster', async () => {
  const leaves = { round: 0, phase: 'collecting', change: 'leaves' } as const;
  const { sets } = await setsOf({ ...JOINED, sites: 6, ceremonies: [leaves] });
  assert.deepEqual(sets, ['1 2 3 5 6', '1 2 3 5', '1 2 3 5']);
  const joins = { round: 0, phase: 'collecting', change: 'joins' } as const;
  const full = await setsOf({ ...JOINED, ceremonies: [joins, joins], hasRoom: false });
  assert.deepEqual(full.sets, ['1 2 3', '1 2 3', '1 2 3']);
  assert.ok(full.records.includes('roster version 3'));
});

test('a log with a site that withdraws, and then leaves the federation, has nothing wrong with it', async () => {
  const { sets, records } = await setsOf({
    sites: 6,
    absences: [GONE],
    withdrawals: [{ site: 6, round: 0, phase: 'collecting' }],
    ceremonies: [{ round: 1, phase: 'collecting', change: 'leaves' }],
  });
  assert.deepEqual(sets, ['1 2 3 5', '1 2 3 5', '1 2 3 5']);
  const [withdrawn, roster, last] = ['withdrawal', 'roster version 2', 'round 2'].map((name) =>
    records.findIndex((record) => record.startsWith(name)),
  );
  assert.ok(withdrawn! > 0 && withdrawn! < roster! && roster! < last!);
});

for (const phase of ['collecting', 'sealed', 'summed', 'opening', 'attesting', 'published'])
  test(`a site that withdraws while a round is ${phase} helps to end it, and is in no later one`, async () => {
    const { sets, sites, records, reached } = await setsOf({
      sites: 5,
      withdrawals: [{ site: 2, round: 0, phase }],
    });
    const first = phase === 'collecting' ? '1 3 4 5' : '1 2 3 4 5';
    assert.deepEqual(sets, [first, '1 3 4 5', '1 3 4 5']);
    assert.equal(records.filter((name) => name.startsWith('withdrawal')).length, 1);
    assert.ok(reached.has('a round without a site that has withdrawn'));
    const end = sites[1];
    assert.ok(typeof end === 'object' && end.kind === 'withdrawn');
  });

test('a withdrawal survives a crash at any write from there on', async () => {
  const withdrawn = { site: 2, round: 0, phase: 'sealed' };
  const { reached } = await survives(
    { sites: 4, withdrawals: [withdrawn] },
    (reference) => [
      ...crashesAt(reference, /^coordinator: (jobs|log)/, { when: 'before' }),
      ...crashesAt(reference, /^coordinator: (jobs|log)/, { when: 'after' }),
      ...crashesAt(reference, /^site-2: journal/, { when: 'after' }),
    ],
    ({ status, rounds, records }) => [status, rounds, records.toSorted()],
  );
  for (const place of ['crash before jobs.addWithdrawal', 'crash after jobs.addWithdrawal'])
    assert.ok(reached.has(place), place);
});

await playTests();
