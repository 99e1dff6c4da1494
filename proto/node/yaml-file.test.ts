// What people wrote is read; what nobody would write is refused before it costs anything.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from './yaml-file.ts';

const refusalOf = (text: string): string => {
  try {
    parseYaml(text, 'site.yaml');
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

test('a file is a plain value', () => {
  assert.deepEqual(parseYaml('a: &x [1, { b: two }]\nc: *x\n', 'site.yaml'), {
    a: [1, { b: 'two' }],
    c: [1, { b: 'two' }],
  });
});

test('a mistake is refused with its line', () => {
  assert.match(refusalOf('a: 1\nb: [1\n'), /site\.yaml:3:1: /);
  assert.match(refusalOf('a: 1\nb: *nobody\n'), /site\.yaml:.*nobody/);
});

test('one document is read, and an empty one has no value', () => {
  assert.match(refusalOf('a: 1\n---\nb: 2\n'), /^CONFIG_INVALID: site\.yaml:2:1: a second document$/);
  for (const text of ['', '# nothing\n', '---\n']) assert.equal(parseYaml(text, 'site.yaml'), null);
  assert.deepEqual(parseYaml('---\na: 1\n...\n', 'site.yaml'), { a: 1 });
});

test('after a file that is refused, errors have their stacks again', () => {
  refusalOf('a: [1\n');
  assert.match(new Error('x').stack!, /yaml-file\.test\.ts/);
});

test('nesting is taken up to its limit, whatever it is made of', () => {
  assert.equal(refusalOf(`${'['.repeat(64)}1${']'.repeat(64)}`), 'taken');
  assert.match(refusalOf(`\n${'['.repeat(65)}1${']'.repeat(65)}`), /site\.yaml:2:66: more than 64 levels/);
  for (const opening of ['[1', '[', '{a: ', '{', '- ', '? ', '[a: ', '!!seq [', '&a ['])
    assert.match(refusalOf(opening.repeat(3000)), /levels of nesting/, opening);
});

test('nesting is found behind other entries, in other documents and in keys', () => {
  const deep = '['.repeat(100);
  for (const text of [`a: 1\nb: ${deep}`, `a: 1\n---\n${deep}`, `? ${deep}\n: 1`, `- 1\n- ${deep}`])
    assert.match(refusalOf(text), /levels of nesting/, text);
});
