import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEd25519Signer } from '../../node/ed25519.ts';
import { createNoteKey, encodeSkey, encodeVkey, isNoteName, parseSkey, parseVkey } from './note-key.ts';

// Vector V4: golang/mod sumdb/note.
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETER_SECRET = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';

test('a published vkey parses and is spelled the same again', () => {
  const key = parseVkey(PETER);
  assert.equal(key.name, 'PeterNeumann');
  assert.equal(encodeVkey(key), PETER);
});

test('a key made from a seed has the published vkey', () => {
  const { publicKey } = createEd25519Signer(new Uint8Array(32));
  const key = createNoteKey('EnochRoot', publicKey);
  assert.equal(encodeVkey(key), 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop');
});

test('a published signing key belongs to its published vkey, and is spelled the same again', () => {
  const { name, seed } = parseSkey(PETER_SECRET);
  const key = createNoteKey(name, createEd25519Signer(seed).publicKey);
  assert.equal(encodeVkey(key), PETER);
  assert.equal(encodeSkey(key, seed), PETER_SECRET);
});

test('no proper substring of a vkey is a vkey', () => {
  for (let start = 0; start < PETER.length; start++) {
    for (let end = start + 1; end <= PETER.length; end++) {
      if (end - start === PETER.length) continue;
      assert.throws(() => parseVkey(PETER.slice(start, end)), { code: 'MALFORMED' });
    }
  }
});

test('no vkey with one changed character is a vkey', () => {
  for (let i = 0; i < PETER.length; i++) {
    const next = String.fromCharCode(PETER.charCodeAt(i) + 1);
    assert.throws(() => parseVkey(PETER.slice(0, i) + next + PETER.slice(i + 1)), { code: 'MALFORMED' });
  }
});

const BAD_VKEYS = {
  'key too long, ID adjusted': 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
  'unknown algorithm, ID adjusted': 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  'upper-case key ID': PETER.replace('c74f20a3', 'C74F20A3'),
  'trailing newline': `${PETER}\n`,
  'no name': PETER.replace('PeterNeumann', ''),
};

for (const [defect, text] of Object.entries(BAD_VKEYS)) {
  test(`a vkey is refused: ${defect}`, () => {
    assert.throws(() => parseVkey(text), { code: 'MALFORMED' });
  });
}

test('a signing key without its prefix or its last character is refused', () => {
  assert.throws(() => parseSkey(PETER), { code: 'MALFORMED' });
  assert.throws(() => parseSkey(PETER_SECRET.slice(0, -1)), { code: 'MALFORMED' });
});

test('names with white space, plus signs or control characters are no names', () => {
  for (const name of ['', 'a b', 'a\u00a0b', 'a\u2028b', 'a+b', 'a\tb', 'a\u0000b'])
    assert.equal(isNoteName(name), false);
  assert.equal(isNoteName('log.example.org/björk'), true);
  assert.throws(() => createNoteKey('a b', new Uint8Array(32)), RangeError);
  assert.throws(() => createNoteKey('a', new Uint8Array(31)), RangeError);
});
