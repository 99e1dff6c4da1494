import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../src/bytes.ts';
import { parseCanonicalJson, toCanonicalBytes, type CanonicalValue } from '../src/canonical-json.ts';
import { isSealedSecret, openSecret, sealSecret } from './sealed-secret.ts';

const SECRET = utf8('a seed of thirty-two bytes or so');
const sealed = sealSecret('signing.key', SECRET, 'correct horse');
const fields = parseCanonicalJson(sealed, 'sealed') as Record<string, CanonicalValue>;

test('a sealed secret opens with its passphrase and under its name, and shows nothing of itself', () => {
  assert.deepEqual(new Uint8Array(openSecret('signing.key', sealed, 'correct horse')), SECRET);
  assert.ok(isSealedSecret(sealed));
  assert.ok(!Buffer.from(sealed).includes('seed'));
  assert.ok(!Buffer.from(sealed).includes(Buffer.from(SECRET).toString('hex')));
});

test('the same secret under the same passphrase is another file each time', () => {
  const again = parseCanonicalJson(
    sealSecret('signing.key', SECRET, 'correct horse'),
    'sealed',
  ) as typeof fields;
  for (const field of ['salt', 'nonce', 'ciphertext']) assert.notEqual(again[field], fields[field]);
});

test('another passphrase, another name and a changed file do not open it', () => {
  const invalid = { code: 'CONFIG_INVALID' };
  assert.throws(() => openSecret('signing.key', sealed, 'correct house'), invalid);
  assert.throws(() => openSecret('sharing.key', sealed, 'correct horse'), invalid);
  const { ciphertext, salt, nonce } = fields as Record<string, string>;
  const flip = (text: string) => `${text.startsWith('0') ? '1' : '0'}${text.slice(1)}`;
  for (const change of [
    { ciphertext: flip(ciphertext!) },
    { salt: flip(salt!) },
    { nonce: flip(nonce!) },
    { costLog2: 16 },
  ])
    assert.throws(
      () => openSecret('signing.key', toCanonicalBytes({ ...fields, ...change }), 'correct horse'),
      invalid,
    );
});

test('what is no such file is refused before any work is done for it', () => {
  const bad: Record<string, CanonicalValue> = {
    'a cost that takes gigabytes': { ...fields, costLog2: 24 },
    'a cost that protects nothing': { ...fields, costLog2: 1 },
    'another format': { ...fields, format: 'blindsum-sealed-secret/v2' },
    'an unknown key': { ...fields, kdf: 'none' },
    'a ciphertext that is its tag': { ...fields, ciphertext: '00'.repeat(16) },
    'a short nonce': { ...fields, nonce: '00' },
  };
  for (const [what, value] of Object.entries(bad))
    assert.throws(() => openSecret('signing.key', toCanonicalBytes(value), 'x'), { code: 'MALFORMED' }, what);
  for (const text of ['', '{', '[]', '{"format":1}', 'x'.repeat(20_000)])
    assert.throws(() => openSecret('signing.key', utf8(text), 'x'), { code: 'MALFORMED' });
});
