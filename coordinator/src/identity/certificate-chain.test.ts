import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createAuthorityKey } from './authority.ts';
import { parseCertificates, verifyChain } from './certificate-chain.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const { certificate } = await createAuthorityKey('test.example', NOW_MS);

/** The object identifier of P-256, which says how the key is to be read. */
const CURVE = Buffer.from('06082a8648ce3d030107', 'hex');

test('a certificate whose key cannot be decoded is refused, though OpenSSL takes the rest of it', () => {
  const der = Buffer.from(new X509Certificate(certificate).raw);
  der[der.indexOf(CURVE) + CURVE.length - 1]! ^= 0x55;
  const base64 = der.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
  assert.throws(() => new X509Certificate(pem).publicKey, 'the key is damaged');
  assert.throws(() => parseCertificates(pem, 'x'), { code: 'MALFORMED' });
});

test('one to eight certificates are read, in their order, and one that is a root leads to itself', () => {
  const [parsed] = parseCertificates(certificate, 'x');
  assert.equal(verifyChain([parsed!], [parsed!], NOW_MS).fingerprint256, parsed!.fingerprint256);
  assert.equal(parseCertificates(certificate.repeat(8), 'x').length, 8);
  for (const pem of ['', 'x', certificate.repeat(9)])
    assert.throws(() => parseCertificates(pem, 'x'), { code: 'MALFORMED' });
});
