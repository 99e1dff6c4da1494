// One reading of a text: the core schema, whatever the text says of itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readYaml } from './yaml-text.ts';

const problemsOf = (text: string) => readYaml(text).problems.map(({ message }) => message);

test('a text is a plain value, and its parts have their places', () => {
  const { value, problems, root } = readYaml('a: &x [1, { b: two }]\nc: *x\n');
  assert.deepEqual(value, { a: [1, { b: 'two' }], c: [1, { b: 'two' }] });
  assert.deepEqual(problems, []);
  assert.deepEqual(root?.range, [0, 28, 28]);
});

test('every mistake is told with its place, and there is no value then', () => {
  const { value, problems } = readYaml('a: 1\na: 2\nb: [1\n');
  assert.equal(value, undefined);
  assert.deepEqual(
    problems.map(({ offset }) => offset),
    [5, 16],
  );
});

test('a text cannot change how it is read', () => {
  const yes = readYaml('%YAML 1.1\n---\nyes: 010\nwhen: 2020-01-01\n<<: merged\n');
  assert.deepEqual(yes.value, { yes: 10, when: '2020-01-01', '<<': 'merged' });
  for (const tagged of ['!!binary aGk=', '!!timestamp 2020-01-01', '!!set {a}', '!!omap [a: 1]', '!own x'])
    assert.match(problemsOf(`a: ${tagged}`).join(), /Unresolved tag/, tagged);
  assert.deepEqual(readYaml('a: !!str 1').value, { a: '1' });
});

test('keys are texts, each once, and an alias names something', () => {
  assert.deepEqual(readYaml('1: one\ntrue: two').value, { 1: 'one', true: 'two' });
  assert.match(problemsOf('? [a]\n: 1').join(), /keys must be strings/);
  assert.match(problemsOf('a: 1\na: 1').join(), /must be unique/);
  const [problem] = readYaml('a: *nobody').problems;
  assert.match(problem!.message, /nobody/);
  assert.equal(problem!.offset, undefined);
});

test('an alias cannot grow without bound', () => {
  const grown = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`);
  assert.match(problemsOf(['a0: &a0 [x]', ...grown].join('\n')).join(), /Excessive alias count/);
});
