import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { webcrypto } from 'node:crypto';
import { Refusal, siteUri, type SiteGrant, type SiteId } from '@blindsum/proto';
import {
  CertificateRenewal,
  isExpiring,
  renewalMs,
  toTlsIdentity,
  type RenewalEvent,
} from './certificate-renewal.ts';
import { loadGrant } from './grant-file.ts';
import { createCertificateRequest, createSiteKeys, loadSiteKeys, type SiteKeys } from './site-keys.ts';
import { x509 } from './x509.ts';

const directory = await mkdtemp(join(tmpdir(), 'blindsum-renewal-'));
after(() => rm(directory, { recursive: true }));

const DAY_MS = 86_400_000;
const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const NAME = { federation: 'test.example', site: 'hospital-a' as SiteId };
const authorityKeys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
const authority = await x509.X509CertificateGenerator.createSelfSigned({
  name: 'CN=test',
  keys: authorityKeys,
  signingAlgorithm: P256,
  extensions: [new x509.BasicConstraintsExtension(true)],
});

/** As a coordinator would, for 90 days from now on. */
async function issue(csr: string): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=hospital-a',
    issuer: authority.subject,
    notBefore: new Date(),
    notAfter: new Date(Date.now() + 90 * DAY_MS),
    publicKey: new x509.Pkcs10CertificateRequest(csr).publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: P256,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: siteUri(NAME.federation, NAME.site) }]),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

let state: string;
let keys: SiteKeys;
let grant: SiteGrant;
let nowMs: number;
let asked: string[];
let events: RenewalEvent[];
let renewed: SiteGrant[];
let answer: (csr: string) => Promise<string>;

beforeEach(async () => {
  state = await mkdtemp(join(directory, 'site-'));
  keys = await createSiteKeys(state);
  grant = {
    format: 'blindsum-site-grant/v1',
    ...NAME,
    coordinator: '127.0.0.1:7443',
    caCertificate: `${authority.toString('pem')}\n`,
    certificate: await issue(await createCertificateRequest(keys.tlsKey, NAME)),
    logVerifierKey: 'test.example+00000000+AAAA',
  };
  nowMs = Date.now();
  [asked, events, renewed] = [[], [], []];
  answer = issue;
});

function open(): CertificateRenewal {
  const clock = { nowMs: () => nowMs, sleep: async () => undefined };
  return new CertificateRenewal(
    {
      ...{ stateDirectory: state, storage: {}, name: NAME, keys, clock },
      ask: (csr) => {
        asked.push(csr);
        return answer(csr);
      },
      renewed: (next) => renewed.push(next),
      report: (event) => events.push(event),
    },
    grant,
  );
}

test('a certificate is renewed when two thirds of its life are over, not before, and then not again', async () => {
  const renewal = open();
  nowMs = renewalMs(grant) - 1;
  await renewal.look();
  assert.equal(asked.length, 0);
  nowMs += 1;
  await renewal.look();
  assert.equal(asked.length, 1);
  const [next] = renewed as [SiteGrant];
  assert.deepEqual(await loadGrant(state, { name: NAME, keys }), next);
  assert.notEqual(next.certificate, grant.certificate);
  nowMs = Date.now();
  await renewal.look();
  assert.deepEqual([asked.length, events.map(({ event }) => event)], [1, ['certificate.renewed']]);
});

test('the next certificate is for another key, with which the site connects after a restart, too', async () => {
  nowMs = renewalMs(grant);
  await open().look();
  const [next] = renewed as [SiteGrant];
  const loaded = await loadSiteKeys(state);
  const certificate = new X509Certificate(next.certificate);
  assert.ok(!certificate.checkPrivateKey(keys.tlsKey));
  assert.ok(loaded.tlsKeyOf(certificate));
  const { privateKey, certificate: shown } = toTlsIdentity(next, loaded);
  assert.equal(privateKey, loaded.tlsKeyOf(certificate)!.export({ format: 'pem', type: 'pkcs8' }).toString());
  assert.equal(shown, next.certificate);
});

test('a refusal changes nothing, is reported, and the same key is asked for again, also after a crash', async () => {
  answer = async () => {
    throw new Refusal('UNAVAILABLE', 'nobody answers');
  };
  nowMs = renewalMs(grant);
  await open().look();
  assert.deepEqual(
    events.map(({ event }) => event),
    ['certificate.renewal-failed'],
  );
  nowMs += 15 * DAY_MS;
  keys = await loadSiteKeys(state);
  await open().look();
  assert.equal(events.at(-1)!.event, 'certificate.expiring');
  answer = issue;
  keys = await loadSiteKeys(state);
  await open().look();
  const keyOf = (csr: string) =>
    Buffer.from(new x509.Pkcs10CertificateRequest(csr).publicKey.rawData).toString('hex');
  assert.equal(new Set(asked.map(keyOf)).size, 1);
  assert.equal((await readdir(join(state, 'keys'))).filter((name) => name.startsWith('tls-')).length, 1);
});

test('a coordinator that answers with somebody else’s certificate is not believed', async () => {
  const before = grant;
  const stranger = await createSiteKeys(join(state, 'other'));
  answer = async () => issue(await createCertificateRequest(stranger.tlsKey, NAME));
  nowMs = renewalMs(grant);
  await open().look();
  assert.deepEqual(renewed, []);
  assert.deepEqual(
    events.map(({ event }) => event),
    ['certificate.renewal-failed'],
  );
  assert.equal(grant, before);
});

test('a key that the platform provides is kept', async () => {
  const from = { signing: { file: '' }, sharing: { file: '' }, tls: { file: '' } };
  await mkdir(join(state, 'none'));
  const clock = { nowMs: () => renewalMs(grant), sleep: async () => undefined };
  const renewal = new CertificateRenewal(
    {
      ...{ stateDirectory: join(state, 'none'), storage: { from }, name: NAME, keys, clock, ask: issue },
      renewed: (next) => renewed.push(next),
      report: (event) => events.push(event),
    },
    grant,
  );
  await renewal.look();
  assert.ok(new X509Certificate(renewed[0]!.certificate).checkPrivateKey(keys.tlsKey));
});

test('a certificate that is nearly over is a warning', () => {
  const { notAfter } = new x509.X509Certificate(grant.certificate);
  assert.equal(isExpiring(grant, notAfter.getTime() - 19 * DAY_MS), false);
  assert.equal(isExpiring(grant, notAfter.getTime() - 17 * DAY_MS), true);
});
