import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from './bytes.ts';
import { parseCanonicalJson } from './canonical-json.ts';
import { MAX_JSON_DEPTH, parseHostileJson } from './hostile-json.ts';
import { Refusal } from './refusal.ts';

const malformed = (error: unknown) => error instanceof Refusal && error.code === 'MALFORMED';
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('depth is bounded before anything is parsed, and brackets in strings are text', () => {
  assert.ok(Array.isArray(parseHostileJson(nested(MAX_JSON_DEPTH), 'x')));
  assert.throws(() => parseHostileJson(nested(MAX_JSON_DEPTH + 1), 'x'), /nested more than/);
  // No JSON at all: the depth is what is refused.
  assert.throws(() => parseHostileJson('{"a":'.repeat(100), 'x'), /nested more than/);
  assert.throws(() => parseCanonicalJson(utf8('['.repeat(1000)), 'x'), /nested more than/);
  const text = JSON.stringify(['['.repeat(1000), '\\"['.repeat(100)]);
  assert.deepEqual(parseHostileJson(text, 'x'), JSON.parse(text));
});

test('keys of JavaScript’s own are refused at every place, and change nothing', () => {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    for (const text of [`{"${key}":{"isAdmin":true}}`, `[{"a":[{"${key}":1}]}]`]) {
      assert.throws(() => parseHostileJson(text, 'x'), malformed, text);
      assert.throws(() => parseCanonicalJson(utf8(text), 'x'), malformed, text);
    }
  }
  assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
});

test('what is no JSON is refused without being quoted', () => {
  assert.throws(
    () => parseHostileJson('{"key": secret}', 'x'),
    (error) => malformed(error) && !String((error as Error).stack).includes('secret'),
  );
});
