// The site's side of enrolment against a real coordinator, and against those who only pretend to be one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { webcrypto, X509Certificate } from 'node:crypto';
import { parseInvitation, parseSiteGrant } from '@blindsum/proto';
import { FederationService, RoundService } from '@blindsum/proto/rpc';
import { answerOf } from '@blindsum/admin-client';
import {
  admitTestSite,
  FEDERATION,
  startTestCoordinator,
  type TestCoordinator,
} from '../coordinator/src/federation.fixture.ts';
import {
  createAuthorityKey,
  openAuthority,
  type KeyAndCertificate,
} from '../coordinator/src/identity/authority.ts';
import { loadAuthority } from '../coordinator/src/identity/authority-files.ts';
import { x509 } from '../coordinator/src/identity/x509.ts';
import { adoptRoster } from '../coordinator/src/adoption.fixture.ts';
import { submitTestJob } from '../coordinator/src/submitted-job.fixture.ts';
import { enroll } from '../participant/src/commands/enroll.ts';
import { loadConfig } from '../participant/src/config.ts';
import { openChannels } from '../participant/src/rpc/channels.ts';
import { createUnaryCaller } from '../participant/src/rpc/unary-call.ts';

const DAY_MS = 86_400_000;
const ROOT = join(import.meta.dirname, '..');

let coordinator: TestCoordinator;
let folder: string;

before(async () => {
  coordinator = await startTestCoordinator({}, { logging: { level: 'debug' } });
  folder = await mkdtemp(join(tmpdir(), 'bs-enrol-'));
});

after(async () => {
  await coordinator.remove();
  await rm(folder, { recursive: true });
  assert.deepEqual(coordinator.crashes, []);
});

async function invite(site: string, { admin } = coordinator): Promise<string> {
  const wish = { site, lifetimeMs: DAY_MS, replaces: false };
  return (await answerOf(admin.POST('/v1/invitations', { body: wish }))).token;
}

async function writeConfig(site: string, more = ''): Promise<string> {
  const path = join(folder, `${site}.yaml`);
  await writeFile(
    path,
    `site: ${site}\nfederation: ${FEDERATION}\nstateDirectory: state/${site}\ndata: { train: rows.csv }\nnetwork: { proxy: none }\n${more}`,
  );
  return path;
}

const configOf = async (site: string, more = '') => loadConfig(await writeConfig(site, more));
const quiet = () => {};
const readGrant = async (site: string) =>
  parseSiteGrant(await readFile(join(folder, 'state', site, 'grant.json')));

test('a site enrols with a token, and the same again after a crash changes nothing', async () => {
  const config = await configOf('hospital-a');
  const token = await invite('hospital-a');
  const printed: object[] = [];
  await enroll(config, { token }, (json) => printed.push(json));
  const grant = await readGrant('hospital-a');
  assert.equal(
    new X509Certificate(grant.certificate).subjectAltName,
    'URI:fed://test.example/site/hospital-a',
  );
  assert.equal((await stat(join(folder, 'state/hospital-a/keys/tls.key'))).mode & 0o777, 0o600);
  // As if killed before the grant was written.
  await rm(join(folder, 'state/hospital-a/grant.json'));
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, `${token}\n`);
  await enroll(config, { tokenFile }, (json) => printed.push(json));
  assert.deepEqual(await readGrant('hospital-a'), grant);
  assert.deepEqual(printed[0], printed[1]);
});

test('a token for another site is refused before keys are made, and one that was used gives nothing', async () => {
  const token = await invite('hospital-b');
  await assert.rejects(enroll(await configOf('hospital-c'), { token }, quiet), { code: 'CONFIG_INVALID' });
  await assert.rejects(stat(join(folder, 'state/hospital-c/keys')), { code: 'ENOENT' });
  await enroll(await configOf('hospital-b'), { token }, quiet);
  await rm(join(folder, 'state/hospital-b'), { recursive: true });
  await assert.rejects(enroll(await configOf('hospital-b'), { token }, quiet), { code: 'UNAUTHENTICATED' });
});

/** Answers in the coordinator's place, and keeps what it is told once TLS is up. */
async function startImpostor(
  identity: KeyAndCertificate,
): Promise<{ address: string; heard: Buffer[]; met: () => number; server: Server }> {
  const heard: Buffer[] = [];
  let met = 0;
  const server = createServer(
    { key: identity.privateKey, cert: identity.certificate, minVersion: 'TLSv1.3', ALPNProtocols: ['h2'] },
    (socket: TLSSocket) => {
      socket.on('data', (bytes: Buffer) => heard.push(bytes)).on('error', quiet);
    },
  );
  server.on('connection', () => met++).on('tlsClientError', quiet);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, heard, met: () => met, server };
}

async function attack(site: string, identity: KeyAndCertificate, code: string): Promise<void> {
  const token = await invite(site);
  const impostor = await startImpostor(identity);
  const config = await configOf(site, `coordinator: ${impostor.address}\n`);
  await assert.rejects(enroll(config, { token }, quiet), { code });
  assert.ok(impostor.met() > 0);
  const { secret, terms } = parseInvitation(token);
  const heard = Buffer.concat(impostor.heard);
  assert.ok(!heard.includes(Buffer.from(secret)) && !heard.includes(terms.invitation));
  impostor.server.close();
  // The invitation is as good as before.
  await enroll(await configOf(site, `coordinator: ${coordinator.running.advertise}\n`), { token }, quiet);
}

const authorityHere = () => loadAuthority(coordinator.config.stateDirectory, FEDERATION, Date.now());

test('a man in the middle with another authority never sees the secret', async () => {
  const other = await openAuthority(FEDERATION, await createAuthorityKey(FEDERATION, Date.now()));
  await attack('hospital-d', await other.createServerIdentity(['127.0.0.1'], Date.now()), 'UNAUTHENTICATED');
});

test('a man in the middle who shows the right authority’s certificate behind his own never sees the secret', async () => {
  const { certificate } = await authorityHere();
  await attack('hospital-e', await forgeIdentity(certificate), 'UNAVAILABLE');
});

/** A chain that looks whole: the first certificate names the authority that follows as its issuer, which did not sign it. */
async function forgeIdentity(authority: string): Promise<KeyAndCertificate> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const leaf = await x509.X509CertificateGenerator.create({
    subject: 'CN=coordinator',
    issuer: new x509.X509Certificate(authority).subject,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    privateKey: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'),
    certificate: `${leaf.toString('pem')}\n${authority}`,
  };
}

test('another server of the same authority, for another host, never sees the secret', async () => {
  const identity = await (await authorityHere()).createServerIdentity(['other.example'], Date.now());
  await attack('hospital-f', identity, 'UNAVAILABLE');
});

test('no line of the coordinator’s log holds a token, its secret or a key', async () => {
  const config = await configOf('hospital-g');
  const token = await invite('hospital-g');
  await enroll(config, { token }, quiet);
  const { secret } = parseInvitation(token);
  const text = coordinator.lines.join('');
  const key = await readFile(join(folder, 'state/hospital-g/keys/signing.key'), 'utf8');
  for (const marked of [
    token,
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('base64'),
    key.trim(),
    'PRIVATE KEY',
  ])
    assert.ok(!text.includes(marked));
  assert.match(text, /certificate\.issued/);
});

test('a call under way ends on the connection that it began on, and the next one shows the next certificate', async () => {
  const started = await startTestCoordinator();
  const sites = [];
  for (const name of ['north', 'south', 'west']) sites.push(await admitTestSite(started, name));
  const [north, south] = sites as [(typeof sites)[0], (typeof sites)[0]];
  await adoptRoster(started, sites);
  await submitTestJob(started.admin);
  const job = 'test-job';
  const identityOf = ({ grant, tlsKey }: typeof north) => ({
    caCertificate: grant.caCertificate,
    certificate: grant.certificate,
    privateKey: tlsKey,
  });
  const channels = openChannels(started.running.advertise, identityOf(north));
  const watch = createUnaryCaller(channels.control, RoundService);
  const heartbeat = createUnaryCaller(channels.control, FederationService);
  const { version } = await watch('watchRound', { job });
  const held = watch('watchRound', { job, knownVersion: version, waitMs: 1500 });
  const bulk = channels.bulk.use((client) =>
    createUnaryCaller(client, RoundService)('watchRound', { job, knownVersion: version, waitMs: 1500 }),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  // Another site's, so that it shows whose certificate the next call came with.
  channels.renew(identityOf(south));
  await heartbeat('heartbeat', { version: '9.9.9', backend: '', activity: 'idle', permille: 0 });
  assert.equal((await held).version, version);
  assert.equal((await bulk).version, version);
  const { sites: shown } = await answerOf(started.admin.GET('/v1/status'));
  assert.equal(shown.find(({ site }) => site === 'south')!.version, '9.9.9');
  assert.equal(shown.find(({ site }) => site === 'north')!.version, '');
  channels.close();
  for (const site of sites) site.close();
  await started.remove();
});

test('an agent whose certificate is due renews it when it starts, and is a member with both', async () => {
  // Certificates of 61 days ago, of which 29 days are left.
  const started = await startTestCoordinator({}, {}, -61 * DAY_MS);
  const config = await configOf('east');
  await enroll(config, { token: await invite('east', started) }, quiet);
  const before = await readGrant('east');
  started.time.offsetMs = 0;
  const agent = spawn(
    join(ROOT, 'participant/bin/blindsum-site'),
    ['run', '--config', join(folder, 'east.yaml')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let log = '';
  for await (const text of agent.stderr.setEncoding('utf8')) {
    log += text as string;
    if (log.includes('certificate.renewed')) break;
  }
  assert.match(log, /certificate\.renewed/);
  const { sites } = await answerOf(started.admin.GET('/v1/status'));
  const renewed = await readGrant('east');
  assert.notEqual(renewed.certificate, before.certificate);
  assert.equal(
    sites[0]!.certificate.expiresMs,
    new X509Certificate(renewed.certificate).validToDate.getTime(),
  );
  agent.kill();
  await started.remove();
});
