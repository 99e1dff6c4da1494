// A coordinator's doctor before a machine, files and servers that are really broken.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EXIT, type Diagnosis, type FindingState } from '@blindsum/proto';
import type { Status } from '../commands/answers.ts';
import { doctor } from '../commands/doctor.ts';
import { loadConfig } from '../config.ts';
import { startTestCoordinator } from '../federation.fixture.ts';
import { createAuthorityKey } from '../identity/authority.ts';
import { hasOpenssl, startOpensslAuthority } from '../timestamps/openssl-authority.fixture.ts';
import { diagnoseCoordinator } from './diagnose-coordinator.ts';
import { examineRunning } from './examine-running.ts';

const folder = await mkdtemp(join(tmpdir(), 'bs-doctor-'));
after(() => rm(folder, { recursive: true }));

const DAY_MS = 86_400_000;

/** A web server whose clock is so much ahead of this one's, and that answers as a provider. */
async function startServer(aheadMs = 0): Promise<{ server: Server; url: string }> {
  const server = createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString());
    response.end(JSON.stringify({ issuer: 'http://127.0.0.1:1' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The diagnosis by the command itself. */
async function examine(settings: string, clock?: string): Promise<Diagnosis & { status: number }> {
  const path = join(folder, 'coordinator.yaml');
  await writeFile(path, `federation: test.example\nstateDirectory: state\n${settings}`);
  let printed = '';
  const output = { json: true, print: (line: string) => void (printed += line) };
  const status = await doctor(path, { clock }, output);
  return { ...(JSON.parse(printed) as Diagnosis), status };
}

function stateOf({ findings }: Diagnosis, check: string): FindingState | undefined {
  return findings.find((finding) => finding.check === check)?.state;
}

function foundOf({ findings }: Diagnosis, check: string): string {
  return findings.find((finding) => finding.check === check)?.found ?? 'was not looked at';
}

test('a configuration with a mistake is the only finding, and names the place', async () => {
  const { findings, status } = await examine('listen: { grpc: nowhere }\n');
  assert.equal(status, EXIT.failed);
  assert.deepEqual(
    findings.map(({ check, state, found }) => [check, state, found]),
    [['configuration', 'fail', 'coordinator.yaml: listen.grpc: expected host:port']],
  );
});

test('ports that are free pass; one that is taken fails, and so does the whole', async () => {
  const { url } = await startServer();
  const port = new URL(url).port;
  const free = await examine('listen: { grpc: "127.0.0.1:0", http: "127.0.0.1:0" }\n');
  assert.deepEqual([stateOf(free, 'listen.grpc'), free.status], ['ok', EXIT.ok]);
  const taken = await examine(`listen: { grpc: "127.0.0.1:0", http: "127.0.0.1:${port}" }\n`);
  assert.deepEqual([stateOf(taken, 'listen.http'), taken.status], ['fail', EXIT.failed]);
  const foreign = await examine('listen: { grpc: "192.0.2.1:7443", http: "127.0.0.1:0" }\n');
  assert.match(foundOf(foreign, 'listen.grpc'), /no address of this machine/);
});

test('what sites are told to dial is looked at: nothing that only this machine, or nobody, finds', async () => {
  const listen = 'listen: { grpc: "0.0.0.0:0", http: "127.0.0.1:0" }\n';
  const advertised = async (advertise: string) =>
    stateOf(await examine(`${listen}${advertise}`), 'advertise');
  assert.deepEqual(
    [
      await advertised(''),
      await advertised('advertise: localhost:7443\n'),
      await advertised('advertise: coordinator.invalid:7443\n'),
      await advertised('advertise: 192.0.2.7:7443\n'),
    ],
    ['fail', 'warn', 'fail', 'ok'],
  );
});

test('a clock is compared with a web server, the one that is named or one of the configuration', async () => {
  const [right, wrong] = [await startServer(), await startServer(DAY_MS)];
  assert.equal(stateOf(await examine('', right.url), 'clock'), 'ok');
  const behind = await examine('', wrong.url);
  assert.match(foundOf(behind, 'clock'), /^86[34]\d\d\.\d s behind 127\.0\.0\.1:\d+/);
  assert.deepEqual([stateOf(behind, 'clock'), behind.status], ['fail', EXIT.failed]);
  assert.equal(stateOf(await examine(''), 'clock'), 'unknown');
  const configured = await examine(`log: { mirrors: ["${wrong.url}"] }\n`);
  assert.equal(stateOf(configured, 'clock'), 'fail');
});

test('files that the configuration names are there, in time, private, and belong together', async () => {
  const [own, other] = [
    await createAuthorityKey('test.example', Date.now()),
    await createAuthorityKey('test.example', Date.now() - 40 * 365 * DAY_MS),
  ];
  const [certificateFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')];
  await writeFile(certificateFile, own.certificate);
  await writeFile(keyFile, own.privateKey, { mode: 0o600 });
  const settings = `http: { tls: { certificateFile: ${certificateFile}, keyFile: ${keyFile} } }\ntrustedCaFile: missing.pem\n`;
  const good = await examine(settings);
  assert.deepEqual(
    ['http.tls.certificateFile', 'http.tls.keyFile', 'http.tls', 'trustedCaFile'].map((check) =>
      stateOf(good, check),
    ),
    ['ok', 'ok', 'ok', 'fail'],
  );
  await chmod(keyFile, 0o644);
  assert.match(foundOf(await examine(settings), 'http.tls.keyFile'), /open to others \(0644\)/);
  await chmod(keyFile, 0o600);
  await writeFile(keyFile, other.privateKey);
  assert.equal(stateOf(await examine(settings), 'http.tls'), 'fail');
  await writeFile(certificateFile, other.certificate);
  assert.match(foundOf(await examine(settings), 'http.tls.certificateFile'), /^expired on /);
});

test('whom the coordinator asks is asked, and who does not answer fails', async () => {
  const silent = 'http://127.0.0.1:1';
  const secret = join(folder, 'secret');
  await writeFile(secret, 'secret', { mode: 0o600 });
  const provider = `http: { url: "http://localhost:1", oidc: { issuer: "${silent}", clientId: c, clientSecretFile: ${secret} } }\n`;
  const { findings } = await examine(
    `log: { mirrors: ["${silent}"] }\n${provider}witnesses: { standAlone: [{ name: w1, vkey: "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU", url: "${silent}" }] }\n`,
  );
  const failed = findings.filter(({ state }) => state === 'fail').map(({ check }) => check);
  assert.deepEqual(failed.toSorted(), ['http.oidc.issuer', 'log.mirrors', 'witness: w1']);
});

test('a timestamp authority is asked for a stamp, and its certificate is looked at', async (t) => {
  if (!hasOpenssl()) return t.skip('needs OpenSSL');
  const authority = await startOpensslAuthority();
  after(() => authority.close());
  const settings = (caFile: string) => `timestamps: { url: "${authority.url}", caFile: ${caFile} }\n`;
  const good = await examine(settings(authority.caFile));
  assert.deepEqual([stateOf(good, 'timestamps'), stateOf(good, 'timestamps.caFile')], ['ok', 'ok']);
  const foreign = join(folder, 'foreign.pem');
  await writeFile(foreign, (await createAuthorityKey('other.example', Date.now())).certificate);
  assert.equal(stateOf(await examine(settings(foreign)), 'timestamps'), 'fail');
});

test('the state of one that runs: it answers where it listens, its keys are private, its disk has room', async () => {
  const coordinator = await startTestCoordinator();
  try {
    const { stateDirectory } = coordinator.config;
    const [grpc, http] = [coordinator.running.advertise, new URL(coordinator.running.httpUrl).host];
    const path = join(folder, 'running.yaml');
    await writeFile(
      path,
      `federation: test.example\nstateDirectory: ${stateDirectory}\nlisten: { grpc: "${grpc}", http: "${http}" }\n`,
    );
    const look = async (): Promise<Diagnosis> => {
      let printed = '';
      await doctor(path, { clock: undefined }, { json: true, print: (line) => void (printed += line) });
      return JSON.parse(printed) as Diagnosis;
    };
    const well = await look();
    assert.ok(well.ok, JSON.stringify(well));
    assert.match(foundOf(well, 'coordinator'), /^runs, federation test\.example$/);
    for (const check of [
      'listen.grpc',
      'listen.http',
      'key: record',
      'authority',
      'log',
      'certificate',
      'versions',
    ])
      assert.equal(stateOf(well, check), 'ok', check);
    await chmod(join(stateDirectory, 'log-keys/record-key.pem'), 0o644);
    assert.equal(stateOf(await look(), 'key: record'), 'fail');
    const { limits, ...config } = await loadConfig(path);
    const crowded = { ...config, limits: { ...limits, diskReserveBytes: 2 ** 60 } };
    assert.equal(
      stateOf(await diagnoseCoordinator({ config: crowded, status: undefined, clock: undefined }), 'disk'),
      'fail',
    );
  } finally {
    await coordinator.remove();
  }
});

test('what a running coordinator complains of is found', () => {
  const certificate = { expiresMs: 0, state: 'valid' };
  const site = { site: 'a', online: true, backend: '', activity: '', revoked: null };
  const sick = {
    ...{ federation: 'f', version: '0.0.1', certificate: { expiresMs: 0, state: 'expired' }, jobs: [] },
    log: {
      ...{ origin: 'f', size: 3, stopped: 'an old copy', cosignedSize: 0, quorum: [] },
      witnesses: [{ name: 'w', state: 'failing', lag: 2, reason: 'gone' }],
    },
    disk: { state: 'full', freeBytes: 0 },
    timestamps: { state: 'failing', latestMs: null, reason: 'gone' },
    sites: [
      { ...site, version: '0.0.1', certificate },
      { ...site, site: 'b', version: '', certificate: { expiresMs: 0, state: 'expiring' } },
    ],
  } as unknown as Status;
  const findings = examineRunning(sick).map(({ check, state }) => `${check}: ${state}`);
  assert.deepEqual(findings, [
    'coordinator: ok',
    'versions: warn',
    'versions: sites: warn',
    'certificate: b: warn',
    'log: fail',
    'certificate: fail',
    'disk: running: fail',
    'timestamps: running: warn',
  ]);
});
