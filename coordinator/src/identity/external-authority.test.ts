// An authority that openssl makes, as a hospital's PKI would: a root, an intermediate, the coordinator's and the sites' certificates.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { siteUri, type SiteId } from '@blindsum/proto';
import { FederationService } from '@blindsum/proto/rpc';
import {
  createSiteRequest,
  FEDERATION,
  refusedAs,
  startTestCoordinator,
  TestSite,
} from '../federation.fixture.ts';
import { parseSiteGrant, utf8 } from '@blindsum/proto';
import { answerOf } from '@blindsum/admin-client';
import { openExternalAuthority } from './external-authority.ts';
import { ServerIdentity } from './server-identity.ts';

const folder = mkdtempSync(join(tmpdir(), 'bs-pki-'));
after(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const openssl = (...command: string[]) =>
  execFileSync('openssl', command, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
const read = (name: string) => readFileSync(at(name), 'utf8');

function makeRoot(name: string): void {
  openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', `${name}.key`);
  const authority = [
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign',
  ];
  openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    `${name}.key`,
    '-subj',
    `/CN=${name}`,
    '-days',
    '30',
    ...authority,
    '-out',
    `${name}.pem`,
  );
}

/** A certificate for the request in `<name>.csr`, by `issuer`. */
function sign(name: string, issuer: string, extensions: string, days = '10'): string {
  writeFileSync(at(`${name}.ext`), extensions);
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${issuer}.pem`,
    '-CAkey',
    `${issuer}.key`,
    '-CAcreateserial',
    '-days',
    days,
    '-extfile',
    `${name}.ext`,
    '-out',
    `${name}.pem`,
  );
  return read(`${name}.pem`);
}

function makeSigned(name: string, issuer: string, extensions: string): void {
  openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', `${name}.key`);
  openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
  sign(name, issuer, extensions);
}

const SERVER =
  'basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n';
const siteExtensions = (site: string, usage = 'clientAuth') =>
  `basicConstraints=CA:FALSE\nsubjectAltName=URI:${siteUri(FEDERATION, site as SiteId)}\nextendedKeyUsage=${usage}\n`;

makeRoot('root');
makeRoot('stranger');
makeSigned('intermediate', 'root', 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n');
makeSigned('server', 'intermediate', SERVER);
const useServer = (name: string, ...chain: string[]) => {
  writeFileSync(at('tls.pem'), [name, ...chain].map((each) => read(`${each}.pem`)).join(''));
  writeFileSync(at('tls.key'), read(`${name}.key`));
};
useServer('server', 'intermediate');

const FILES = {
  authority: 'external',
  trustFile: at('root.pem'),
  certificateFile: at('tls.pem'),
  keyFile: at('tls.key'),
} as const;

/** A request with the certificate that an authority issued for its key. */
async function certified(
  site: string,
  issuer: string,
  extensions = siteExtensions(site),
  ...chain: string[]
) {
  const made = await createSiteRequest(site);
  writeFileSync(at(`${site}.csr`), made.request.csr);
  const certificate = `${sign(site, issuer, extensions)}${chain.map((each) => read(`${each}.pem`)).join('')}`;
  return { ...made, request: { ...made.request, certificate } };
}

test('sites whose certificates an authority elsewhere issued are admitted, connect, and are nobody without registration', async () => {
  const coordinator = await startTestCoordinator({}, { identity: FILES });
  const {
    request,
    sign: signer,
    tlsKey,
  } = await certified('hospital-a', 'intermediate', undefined, 'intermediate');
  const grant = parseSiteGrant(
    utf8(JSON.stringify(await answerOf(coordinator.admin.POST('/v1/sites', { body: request })))),
  );
  assert.equal(new X509Certificate(grant.caCertificate).subject, 'CN=root');
  const site = new TestSite(grant, { request, sign: signer, tlsKey });
  assert.equal((await site.call(FederationService, 'getFederation', {})).federation, FEDERATION);
  const other = await certified('hospital-b', 'root');
  const unknown = new TestSite({ ...grant, certificate: other.request.certificate }, other);
  await assert.rejects(unknown.call(FederationService, 'getFederation', {}), refusedAs('UNAUTHENTICATED'));
  const path = { site: 'hospital-a' };
  await coordinator.admin.POST('/v1/sites/{site}/revoke', {
    params: { path },
    body: { reason: 'unspecified' },
  });
  await assert.rejects(site.call(FederationService, 'getFederation', {}), refusedAs('UNAUTHENTICATED'));
  for (const each of [site, unknown]) each.close();
  await coordinator.remove();
});

test('a certificate of a stranger, for another site, another key or another use is refused', async () => {
  const authority = await openExternalAuthority(FEDERATION, FILES, Date.now());
  const issue = ({ csr, certificate }: { csr: string; certificate?: string }) =>
    authority.issueSiteCertificate('site' as SiteId, { csr, certificate }, Date.now());
  const good = await certified('site', 'root');
  assert.match(await issue(good.request), /BEGIN CERTIFICATE/);
  const bad = {
    'of a stranger': (await certified('site', 'stranger')).request,
    'without what leads to the root': (await certified('site', 'intermediate')).request,
    'for another site': (await certified('site', 'root', siteExtensions('other'))).request,
    'with a second name': (
      await certified('site', 'root', siteExtensions('site').replace('URI:', 'DNS:a.example,URI:'))
    ).request,
    'for servers': (await certified('site', 'root', siteExtensions('site', 'serverAuth'))).request,
    'of an authority': (
      await certified('site', 'root', siteExtensions('site').replace('CA:FALSE', 'CA:TRUE'))
    ).request,
    'for another key': { ...good.request, csr: (await createSiteRequest('site')).request.csr },
  };
  for (const [what, request] of Object.entries(bad))
    await assert.rejects(issue(request), { code: 'UNAUTHENTICATED' }, what);
  await assert.rejects(issue({ csr: good.request.csr }), { code: 'MALFORMED' });
  await assert.rejects(
    authority.issueSiteCertificate('site' as SiteId, good.request, Date.now() + 11 * 86_400_000),
    { code: 'UNAUTHENTICATED', detail: /out of date/ },
  );
});

test('files that do not belong together do not start, and the mistake is named', async () => {
  const open = () => openExternalAuthority(FEDERATION, FILES, Date.now());
  writeFileSync(at('tls.key'), read('root.key'));
  await assert.rejects(open(), { code: 'CONFIG_INVALID', detail: /tls\.key is not its key/ });
  useServer('server');
  await assert.rejects(open(), { code: 'CONFIG_INVALID', detail: /no authority that is trusted/ });
  await assert.rejects(openExternalAuthority(FEDERATION, { ...FILES, trustFile: at('none') }, Date.now()), {
    code: 'CONFIG_INVALID',
    detail: /there is no such file/,
  });
  useServer('server', 'intermediate');
});

test('the coordinator takes over files that somebody replaced, and keeps what it has while they do not fit', async () => {
  const lines: string[] = [];
  const identity = await ServerIdentity.open({
    authority: await openExternalAuthority(FEDERATION, FILES, Date.now()),
    hosts: [],
    clock: { nowMs: () => Date.now() },
    log: pino(
      { level: 'info' },
      { write: (line) => void lines.push((JSON.parse(line) as { event: string }).event) },
    ),
  });
  const first = identity.current;
  await identity.look();
  assert.equal(identity.current, first);
  makeSigned('server-2', 'root', SERVER);
  writeFileSync(at('tls.pem'), read('server-2.pem'));
  await identity.look();
  await identity.look();
  assert.equal(identity.current, first);
  assert.deepEqual(lines, ['certificate.reload-failed']);
  writeFileSync(at('tls.key'), read('server-2.key'));
  await identity.look();
  assert.ok(identity.current.certificate.startsWith(read('server-2.pem').trimEnd()));
  assert.deepEqual(lines, ['certificate.reload-failed', 'certificate.reloaded']);
  const current = identity.current;
  await identity.look();
  assert.equal(identity.current, current);
  makeSigned('server-3', 'stranger', SERVER);
  useServer('server-3');
  await identity.look();
  assert.equal(identity.current, current);
});
