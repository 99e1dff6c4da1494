import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHex, toHex, utf8 } from '../src/bytes.ts';
import { createEd25519Signer, verifyEd25519 } from './ed25519.ts';

// RFC 8032 section 7.1, test 2.
const SEED = parseHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 32, 'seed');
const PUBLIC_KEY = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
const SIGNATURE =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';

test('keys and signatures equal RFC 8032', () => {
  const signer = createEd25519Signer(SEED);
  const signature = signer.sign(Uint8Array.of(0x72));
  assert.equal(toHex(signer.publicKey), PUBLIC_KEY);
  assert.equal(toHex(signature), SIGNATURE);
  assert.equal(verifyEd25519(signer.publicKey, Uint8Array.of(0x72), signature), true);
  assert.equal(verifyEd25519(signer.publicKey, Uint8Array.of(0x73), signature), false);
});

test('a signature that only cofactored verification accepts is rejected', () => {
  const publicKey = parseHex('6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1', 32, 'key');
  const signature = parseHex(
    'd63c01223147541df4e170763e9e2788a8bf5971f52a93c5829dbe6f5ff6bba91f951c8814b739e0f7d3059145f48bc8c9e6fbe693c9fda5fec30bf62a553d0e',
    64,
    'signature',
  );
  assert.equal(verifyEd25519(publicKey, utf8('checkpoint'), signature), false);
});

test('other lengths verify as false and make no signer', () => {
  const { publicKey, sign } = createEd25519Signer(SEED);
  const message = utf8('message');
  assert.equal(verifyEd25519(publicKey.slice(1), message, sign(message)), false);
  assert.equal(verifyEd25519(publicKey, message, sign(message).slice(1)), false);
  assert.throws(() => createEd25519Signer(SEED.slice(1)), RangeError);
});
