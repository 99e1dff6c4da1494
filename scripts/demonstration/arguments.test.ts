import assert from 'node:assert/strict';
import test from 'node:test';
import { parseArguments, UsageError, USAGE } from './arguments.ts';

test('without options it is breast cancer, nothing is kept and nothing is written', () => {
  assert.deepEqual(parseArguments([], '/work'), {
    dataset: 'breast_cancer',
    rounds: undefined,
    json: undefined,
    report: undefined,
    out: undefined,
  });
});

test('paths count from the folder of the caller', () => {
  const options = parseArguments(
    [
      '--json',
      'a.json',
      '--report=/tmp/r.html',
      '--out',
      'kept',
      '--rounds',
      '2',
      '--dataset',
      'german_credit',
    ],
    '/home/me',
  );
  assert.deepEqual(options, {
    dataset: 'german_credit',
    rounds: 2,
    json: '/home/me/a.json',
    report: '/tmp/r.html',
    out: '/home/me/kept',
  });
});

test('each mistake is one sentence that names the option', () => {
  const mistakes: [string[], RegExp][] = [
    [['--round', '3'], /^Unknown option '--round'$/],
    [['extra'], /^Unexpected argument 'extra'$/],
    [['--rounds'], /--rounds/],
    [['--rounds', '0'], /^--rounds: expected a whole number from 1 to 100$/],
    [['--rounds', '101'], /^--rounds: /],
    [['--rounds', '2x'], /^--rounds: /],
    [['--dataset', 'iris'], /^--dataset: expected breast_cancer or german_credit$/],
    [['--json='], /^--json: expected a path$/],
  ];
  for (const [argv, message] of mistakes)
    assert.throws(
      () => parseArguments(argv, '/'),
      (error) => error instanceof UsageError && message.test(error.message),
      argv.join(' '),
    );
});

test('help names every option', () => {
  assert.equal(parseArguments(['--rounds', '1', '--help'], '/'), 'help');
  for (const option of ['dataset', 'rounds', 'json', 'report', 'out', 'help'])
    assert.match(USAGE, new RegExp(`--${option} `));
});
