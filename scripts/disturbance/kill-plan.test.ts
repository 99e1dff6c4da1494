import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deck, planKills } from './kill-plan.ts';
import { MOMENT_NAMES } from './moments.ts';

const RULES = { seed: 7, kills: 200, sites: 3 };

test('a seed decides the whole plan', () => {
  assert.deepEqual(planKills(RULES), planKills(RULES));
  assert.notDeepEqual(planKills(RULES), planKills({ ...RULES, seed: 8 }));
  assert.deepEqual(new Deck(7).hand(), new Deck(7).hand());
});

test('every site and the coordinator die at random instants', () => {
  const random = planKills(RULES).filter(({ at }) => at === 'random');
  assert.deepEqual(new Set(random.map(({ victim }) => victim)), new Set(['coordinator', 'site']));
  assert.deepEqual(new Set(random.map(({ site }) => site)), new Set([0, 1, 2]));
});

test('the quota is squeezed in every run of three kills or more, and now and then in longer ones', () => {
  const squeezes = (kills: number) =>
    planKills({ ...RULES, kills }).filter(({ isQuotaSmall }) => isQuotaSmall).length;
  assert.deepEqual([2, 3, 10, 100].map(squeezes), [0, 1, 1, 13]);
  assert.ok(planKills(RULES).every(({ at, isQuotaSmall }) => !isQuotaSmall || at === 'moment'));
});

test('a deck brings every moment to the coordinator and to a site before it repeats one', () => {
  const deck = new Deck(1);
  const all = 2 * MOMENT_NAMES.length;
  const played = Array.from({ length: all }, () => {
    const [card] = deck.hand();
    deck.played(card!);
    return `${card!.after} ${card!.victim}`;
  });
  assert.equal(new Set(played).size, all);
  assert.ok(deck.hand().length > 1, 'then it begins again');
});

test('a hand holds different moments, so that whichever comes first decides', () => {
  const names = new Deck(3).hand().map(({ after }) => after);
  assert.ok(names.length > 3);
  assert.equal(new Set(names).size, names.length);
});
