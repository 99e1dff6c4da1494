import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { checkSignature } from '../../node/check-signature.ts';
import { createP256Signer } from '../../node/ecdsa-p256.ts';
import { createEd25519Signer } from '../../node/ed25519.ts';
import { concat, parseHex, utf8, type Bytes } from '../bytes.ts';
import { Claimed, type SignatureAlgorithm, type SignatureClaim } from './claimed.ts';
import { toRawEcdsa } from './ecdsa-raw.ts';
import { createMlDsa44Signer } from './ml-dsa.ts';
import { createWebCryptoCheck } from './web-crypto-check.ts';

const MESSAGE = utf8('message');
const ed = createEd25519Signer(new Uint8Array(32).fill(5));
const pq = createMlDsa44Signer(new Uint8Array(32).fill(6));
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p256 = createP256Signer(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })));

const claimOf = (algorithm: SignatureAlgorithm, publicKey: Bytes, signature: Bytes): SignatureClaim => ({
  algorithm,
  publicKey,
  signature,
  message: MESSAGE,
  refusal: `the signature by ${algorithm} does not verify`,
});
const GOOD = [
  claimOf('ed25519', ed.publicKey, ed.sign(MESSAGE)),
  claimOf('ml-dsa-44', pq.publicKey, pq.sign(MESSAGE)),
  claimOf('ecdsa-p256', p256.publicKeySpki, p256.sign(MESSAGE)),
];
const SHELLS = {
  'node:crypto': async (claim: SignatureClaim) => checkSignature(claim),
  WebCrypto: createWebCryptoCheck(webcrypto.subtle),
};

for (const [name, check] of Object.entries(SHELLS)) {
  for (const claim of GOOD) {
    test(`${name}: a signature by ${claim.algorithm} verifies`, async () => {
      assert.equal(await check(claim), true);
    });

    test(`${name}: a changed message, key or signature by ${claim.algorithm} does not verify`, async () => {
      const flipLast = (bytes: Bytes) =>
        Uint8Array.from(bytes, (byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
      for (const field of ['message', 'publicKey', 'signature'] as const) {
        assert.equal(await check({ ...claim, [field]: flipLast(claim[field]) }), false, field);
        assert.equal(await check({ ...claim, [field]: claim[field].slice(1) }), false, field);
        assert.equal(
          await check({ ...claim, [field]: concat(claim[field], Uint8Array.of(0)) }),
          false,
          field,
        );
        assert.equal(await check({ ...claim, [field]: new Uint8Array() }), false, field);
      }
    });
  }

  // Vector V7.
  test(`${name}: an Ed25519 signature that only cofactored verification accepts does not verify`, async () => {
    const publicKey = parseHex('6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1', 32, 'key');
    const signature = parseHex(
      'd63c01223147541df4e170763e9e2788a8bf5971f52a93c5829dbe6f5ff6bba91f951c8814b739e0f7d3059145f48bc8c9e6fbe693c9fda5fec30bf62a553d0e',
      64,
      'signature',
    );
    assert.equal(
      await check({ ...claimOf('ed25519', publicKey, signature), message: utf8('checkpoint') }),
      false,
    );
  });
}

test('a value is out of reach until every signature verifies, at once or later', async () => {
  let read = 0;
  const bad = { ...GOOD[2]!, message: utf8('other') };
  const good = new Claimed(GOOD, () => ++read);
  const mixed = new Claimed([...GOOD, bad], () => ++read);
  assert.throws(() => mixed.verify(checkSignature), {
    code: 'BAD_SIGNATURE',
    message: /the signature by ecdsa-p256 does not verify/,
  });
  await assert.rejects(mixed.verifyLater(SHELLS.WebCrypto), { code: 'BAD_SIGNATURE' });
  assert.equal(read, 0);
  assert.equal(good.verify(checkSignature), 1);
  assert.equal(await good.verifyLater(SHELLS.WebCrypto), 2);
});

const BAD_DER = {
  empty: '',
  'no sequence': '31060201010201 01',
  'length over the end': '3007020101020101',
  'byte left over': '300602010102010100',
  'third integer': '3009020101020101020101',
  'one integer': '3003020101',
  'integer of no bytes': '30050200020101',
  'negative integer': '3006020180020101',
  'superfluous zero': '300702020001020101',
  'integer of 33 bytes': `3026022101${'00'.repeat(32)}020101`,
  'long length': '308106020101020101',
};

for (const [defect, hex] of Object.entries(BAD_DER)) {
  test(`a DER signature is not one: ${defect}`, () => {
    assert.equal(toRawEcdsa(new Uint8Array(Buffer.from(hex.replace(' ', ''), 'hex'))), undefined);
  });
}

test('the smallest and the largest DER integers become 32 bytes each', () => {
  const raw = toRawEcdsa(new Uint8Array(Buffer.from(`3026022100${'ff'.repeat(32)}020101`, 'hex')));
  assert.equal(Buffer.from(raw!).toString('hex'), 'ff'.repeat(32) + '00'.repeat(31) + '01');
});
