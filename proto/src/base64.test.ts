import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeBase64, parseBase64 } from './base64.ts';
import { utf8 } from './bytes.ts';

test('the RFC 4648 section 10 vectors encode and parse', () => {
  const vectors = {
    '': '',
    f: 'Zg==',
    fo: 'Zm8=',
    foo: 'Zm9v',
    foob: 'Zm9vYg==',
    fooba: 'Zm9vYmE=',
    foobar: 'Zm9vYmFy',
  };
  for (const [plain, encoded] of Object.entries(vectors)) {
    assert.equal(encodeBase64(utf8(plain)), encoded);
    assert.deepEqual(parseBase64(encoded, 'vector'), new Uint8Array(utf8(plain)));
  }
});

test('any bytes survive, and are spelled as Node spells them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assert.equal(encodeBase64(bytes), Buffer.from(bytes).toString('base64'));
      assert.deepEqual(parseBase64(encodeBase64(bytes), 'random'), new Uint8Array(bytes));
    }),
  );
});

const BAD: Record<string, string> = {
  'no padding': 'Zg',
  'half the padding': 'Zg=',
  'stray bits in one byte': 'Zh==',
  'stray bits in two bytes': 'Zm9=',
  'padding in the middle': 'Zg==Zm9v',
  'padding only': '====',
  'three padding characters': 'Z===',
  'padding before a digit': 'Zm=v',
  'line break': 'Zm9v\nZm9v\n\n\n',
  space: 'Zm 9',
  base64url: '_-__',
  'not ASCII': 'Zm9é',
};

for (const [defect, text] of Object.entries(BAD)) {
  test(`base64 is refused: ${defect}`, () => {
    assert.throws(() => parseBase64(text, 'field'), { code: 'MALFORMED' });
  });
}
