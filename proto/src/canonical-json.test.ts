import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { utf8 } from './bytes.ts';
import { encodeCanonicalJson, parseCanonicalJson, toCanonicalBytes } from './canonical-json.ts';
import { Refusal } from './refusal.ts';

const value = fc.letrec<{ any: never }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key)),
      tie('any'),
      { maxKeys: 4 },
    ),
  ) as never,
})).any;

test('what is encoded parses back to the same value', () => {
  fc.assert(
    fc.property(value, (original) => {
      const bytes = toCanonicalBytes(original);
      assert.deepEqual(toCanonicalBytes(parseCanonicalJson(bytes, 'value')), bytes);
    }),
  );
});

test('keys are sorted, so that one value has one spelling', () => {
  assert.equal(encodeCanonicalJson({ b: 1, a: [true, 'x'], B: {} }), '{"B":{},"a":[true,"x"],"b":1}');
});

const BAD: Record<string, string> = {
  'keys out of order': '{"b":1,"a":2}',
  'a space': '{"a": 1}',
  'a repeated key': '{"a":1,"a":1}',
  'a fraction': '{"a":1.5}',
  'an exponent': '[1e3]',
  'negative zero': '[-0]',
  'an integer beyond 2^53': '[9007199254740993]',
  'a null': '[null]',
  'a prototype key': '{"__proto__":1}',
  'an unneeded escape': '["\\u0061"]',
  'a byte order mark': '\ufeff[]',
  'trailing bytes': '[]\n',
  'no JSON at all': '{',
  'nesting without end': '['.repeat(40) + ']'.repeat(40),
};

for (const [defect, text] of Object.entries(BAD)) {
  test(`${defect} is refused`, () => {
    assert.throws(
      () => parseCanonicalJson(utf8(text), 'value'),
      (error) => error instanceof Refusal && error.code === 'MALFORMED',
    );
  });
}

test('bytes that are not UTF-8 are refused', () => {
  assert.throws(() => parseCanonicalJson(Uint8Array.of(0x22, 0xff, 0x22), 'value'), Refusal);
});

test('a document longer than its bound is refused before it is parsed', () => {
  assert.throws(() => parseCanonicalJson(utf8(`"${'x'.repeat(100)}"`), 'value', 50), /longer than 50 bytes/);
});
