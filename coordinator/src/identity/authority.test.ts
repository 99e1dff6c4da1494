import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey, webcrypto } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { x509 } from './x509.ts';
import { Refusal, type SiteId } from '@blindsum/proto';
import { createAuthorityKey, openAuthority } from './authority.ts';
import { loadAuthority } from './authority-files.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const SITE = 'hospital-a' as SiteId;
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function createRequest(
  name = 'CN=somebody-else',
  algorithm: object = P256,
): Promise<x509.Pkcs10CertificateRequest> {
  const keys = await webcrypto.subtle.generateKey(algorithm as typeof P256, true, ['sign', 'verify']);
  const extensions = [
    new x509.BasicConstraintsExtension(true),
    new x509.SubjectAlternativeNameExtension([{ type: 'url', value: 'fed://test.example/site/other' }]),
  ];
  return x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm as typeof P256,
    extensions,
  });
}

const authority = await openAuthority('test.example', await createAuthorityKey('test.example', NOW_MS));

test('a site certificate takes its name from the operator and only its key from the request', async () => {
  const request = await createRequest();
  const certificate = new X509Certificate(
    await authority.issueSiteCertificate(SITE, { csr: request.toString('pem') }, NOW_MS),
  );
  assert.equal(certificate.subjectAltName, 'URI:fed://test.example/site/hospital-a');
  assert.equal(certificate.subject, 'CN=hospital-a');
  assert.equal(certificate.ca, false);
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.equal(
    certificate.publicKey.export({ format: 'der', type: 'spki' }).toString('hex'),
    Buffer.from(request.publicKey.rawData).toString('hex'),
  );
  assert.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey));
});

test('a request whose signature was changed is refused', async () => {
  const der = new Uint8Array((await createRequest()).rawData.slice(0));
  der[der.length - 1]! ^= 1;
  const pem = new x509.Pkcs10CertificateRequest(der).toString('pem');
  await assert.rejects(
    authority.issueSiteCertificate(SITE, { csr: pem }, NOW_MS),
    (error) => error instanceof Refusal && error.code === 'BAD_SIGNATURE',
  );
});

test('what is no request, and a key on another curve, are refused', async () => {
  const otherCurve = (
    await createRequest('CN=a', { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' })
  ).toString('pem');
  for (const pem of ['', 'hello', authority.certificate, otherCurve]) {
    await assert.rejects(
      authority.issueSiteCertificate(SITE, { csr: pem }, NOW_MS),
      (error) => error instanceof Refusal && error.code === 'MALFORMED',
    );
  }
});

test('a server certificate names hosts and addresses, and its key is its own', async () => {
  const identity = await authority.createServerIdentity(
    ['coordinator.example', '127.0.0.1', '[::1]'],
    NOW_MS,
  );
  const certificate = new X509Certificate(identity.certificate);
  assert.equal(
    certificate.subjectAltName,
    'DNS:coordinator.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  );
  assert.ok(certificate.checkPrivateKey(createPrivateKey(identity.privateKey)));
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
});

test('the authority is made once, kept for its owner only, and opened again after that', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'bs-id-'));
  t.after(() => rm(directory, { recursive: true }));
  const first = await loadAuthority(directory, 'test.example', NOW_MS);
  const second = await loadAuthority(directory, 'test.example', NOW_MS);
  assert.equal(second.fingerprint, first.fingerprint);
  for (const name of await readdir(join(directory, 'identity'))) {
    assert.equal((await stat(join(directory, 'identity', name))).mode & 0o777, 0o600, name);
  }
});
