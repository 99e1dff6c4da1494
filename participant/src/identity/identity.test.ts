import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import {
  encodeSiteGrant,
  encodeSiteRequest,
  memberOfRequest,
  parseSiteRequest,
  siteUri,
  utf8,
  type SiteGrant,
  type SiteId,
} from '@blindsum/proto';
import { installGrant, loadGrant } from './grant-file.ts';
import { createSiteKeys, createSiteRequest, loadSiteKeys } from './site-keys.ts';
import { x509 } from './x509.ts';

const directory = await mkdtemp(join(tmpdir(), 'blindsum-identity-'));
after(() => rm(directory, { recursive: true }));

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const NAME = { federation: 'test.example', site: 'hospital-a' as SiteId };
const state = join(directory, 'state');
const keys = await createSiteKeys(state);
const request = await createSiteRequest(keys, NAME);
const owner = { name: NAME, keys };

const authorityKeys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
const authority = await x509.X509CertificateGenerator.createSelfSigned({
  name: 'CN=test',
  keys: authorityKeys,
  signingAlgorithm: P256,
  extensions: [new x509.BasicConstraintsExtension(true)],
});

interface Choices {
  readonly uri?: string;
  readonly notAfter?: Date;
  readonly signingKey?: webcrypto.CryptoKey;
  readonly publicKey?: x509.PublicKey;
}

async function grantWith({ uri, notAfter, signingKey, publicKey }: Choices = {}): Promise<SiteGrant> {
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=hospital-a',
    issuer: authority.subject,
    notAfter: notAfter ?? new Date(Date.now() + 3_600_000),
    publicKey: publicKey ?? new x509.Pkcs10CertificateRequest(request.csr).publicKey,
    signingKey: signingKey ?? authorityKeys.privateKey,
    signingAlgorithm: P256,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'url', value: uri ?? siteUri(NAME.federation, NAME.site) },
      ]),
    ],
  });
  return {
    format: 'blindsum-site-grant/v1',
    ...NAME,
    coordinator: '127.0.0.1:7443',
    caCertificate: `${authority.toString('pem')}\n`,
    certificate: `${certificate.toString('pem')}\n`,
    logVerifierKey: 'test.example+00000000+AAAA',
  };
}

async function install(grant: SiteGrant) {
  const path = join(directory, 'grant.json');
  await writeFile(path, encodeSiteGrant(grant));
  return installGrant(path, state, owner);
}

test('the request says what the keys are, and holds none of them', async () => {
  const text = encodeSiteRequest(request);
  assert.deepEqual(parseSiteRequest(utf8(text)), request);
  assert.deepEqual(memberOfRequest(request), keys.member(NAME.site));
  assert.ok(await new x509.Pkcs10CertificateRequest(request.csr).verify());
  for (const file of ['signing.key', 'sharing.key', 'tls.key']) {
    const secret = (await readFile(join(state, 'keys', file), 'utf8')).trim().split('\n').at(-2) ?? '';
    const whole = (await readFile(join(state, 'keys', file), 'utf8')).trim();
    assert.ok(!text.includes(whole) && (secret === '' || !text.includes(secret)), file);
  }
});

test('the keys are for their owner only, and printing them shows nothing', async () => {
  const folder = join(state, 'keys');
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  for (const file of await readdir(folder))
    assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600, file);
  assert.equal(inspect({ keys }), '{ keys: [SiteKeys] }');
  assert.equal(JSON.stringify({ keys }), '{"keys":"[SiteKeys]"}');
});

test('keys are never overwritten', async () => {
  const before = await readFile(join(state, 'keys', 'signing.key'), 'utf8');
  await assert.rejects(createSiteKeys(state), {
    code: 'CONFIG_INVALID',
    detail: /there are keys already/,
  });
  assert.equal(await readFile(join(state, 'keys', 'signing.key'), 'utf8'), before);
});

test('keys that others can read, are damaged or missing are refused without showing them', async () => {
  const other = join(directory, 'other');
  await createSiteKeys(other);
  const path = join(other, 'keys', 'sharing.key');
  await chmod(path, 0o640);
  await assert.rejects(loadSiteKeys(other), { code: 'CONFIG_INVALID', detail: /others can read/ });
  await chmod(path, 0o600);
  await writeFile(path, 'not hexadecimal');
  await assert.rejects(loadSiteKeys(other), { code: 'CONFIG_INVALID', detail: /^((?!not hexa).)*$/ });
  await rm(path);
  await assert.rejects(loadSiteKeys(other), { code: 'CONFIG_INVALID', detail: /blindsum-site keygen/ });
});

test('a grant for this site is installed, and read again', async () => {
  const grant = await grantWith();
  assert.deepEqual(await install(grant), grant);
  assert.deepEqual(await loadGrant(state, owner), grant);
});

test('a grant for another key, site, authority or time is refused', async () => {
  const stranger = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const installed = await readFile(join(state, 'grant.json'), 'utf8');
  const bad: [Promise<SiteGrant> | SiteGrant, string, RegExp][] = [
    [
      grantWith({ publicKey: await x509.PublicKey.create(stranger.publicKey) }),
      'UNAUTHENTICATED',
      /not for the TLS key/,
    ],
    [grantWith({ uri: siteUri(NAME.federation, 'other' as SiteId) }), 'UNAUTHENTICATED', /does not name/],
    [grantWith({ signingKey: stranger.privateKey }), 'UNAUTHENTICATED', /was not signed/],
    [grantWith({ notAfter: new Date(Date.now() - 1000) }), 'UNAUTHENTICATED', /expired/],
    [{ ...(await grantWith()), site: 'other' as SiteId }, 'CONFIG_INVALID', /the grant is for other/],
    [{ ...(await grantWith()), federation: 'other.example' }, 'CONFIG_INVALID', /of other\.example/],
  ];
  for (const [grant, code, detail] of bad) await assert.rejects(install(await grant), { code, detail });
  assert.equal(await readFile(join(state, 'grant.json'), 'utf8'), installed);
});

test('without a grant the site says what to do', async () => {
  await assert.rejects(loadGrant(join(directory, 'none'), owner), {
    code: 'CONFIG_INVALID',
    detail: /blindsum-site enroll.*install/,
  });
});
