import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from './arguments.ts';

test('without options, a short run that kills six times a round', () => {
  assert.deepEqual(parseArguments([], '/home'), {
    ...{ rounds: 3, seed: 1, sites: 3, kills: 18 },
    ...{ json: undefined, out: undefined, keep: false },
  });
});

test('every option is taken, with paths from where the command was typed', () => {
  const argv = '--rounds 20 --seed 4294967295 --sites 5 --kills 100 --json a.json --out b --keep'.split(' ');
  assert.deepEqual(parseArguments(argv, '/home'), {
    ...{ rounds: 20, seed: 4294967295, sites: 5, kills: 100 },
    ...{ json: '/home/a.json', out: '/home/b', keep: true },
  });
  assert.equal(parseArguments(['--help'], '/home'), 'help');
});

test('a mistake is named with its option', () => {
  const mistakes: [string[], RegExp][] = [
    [['--rounds', '0'], /^--rounds: expected a whole number from 1 to 100$/],
    [['--rounds', 'ten'], /^--rounds/],
    [['--seed', '4294967296'], /^--seed/],
    [['--sites', '2'], /^--sites: expected a whole number from 3 to 8$/],
    [['--kills', '-1'], /--kills/],
    [['--json', ''], /^--json: expected a path$/],
    [['--frobnicate'], /--frobnicate/],
    [['hello'], /hello/],
  ];
  for (const [argv, message] of mistakes)
    assert.throws(() => parseArguments(argv, '/'), { name: 'UsageError', message });
});
