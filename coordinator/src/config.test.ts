import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { scopeOf } from './config-http.ts';
import { loadConfig } from './config.ts';

const directory = await mkdtemp(join(tmpdir(), 'bs-cfg-'));
after(() => rm(directory, { recursive: true }));

async function load(text: string) {
  const path = join(directory, 'coordinator.yaml');
  await writeFile(path, text);
  return loadConfig(path);
}

test('the defaults listen on loopback, and the log is named after the federation', async () => {
  assert.deepEqual(await load('federation: test.example\nstateDirectory: ./state\n'), {
    federation: 'test.example',
    stateDirectory: join(directory, 'state'),
    listen: { grpc: '127.0.0.1:7443', http: '127.0.0.1:7480' },
    identity: { authority: 'own', siteCertificateDays: 90, serverCertificateDays: 90 },
    keys: {},
    http: { tls: 'authority', trustProxy: [], requestsPerMinute: 6000 },
    log: {
      origin: 'test.example',
      directory: join(directory, 'state', 'log'),
      mirrors: [],
      administrationMinutes: 10,
    },
    witnesses: { standAlone: [], quorum: { standAlone: 0 }, heartbeatMinutes: 10 },
    limits: {
      maxUploadsAtOnce: 8,
      maxUploadBytesPerSite: 16 * 2 ** 30,
      maxUploadBytesPerRound: 256 * 2 ** 30,
      diskReserveBytes: 256 * 2 ** 20,
      maxRunningJobs: 4,
      maxOpenJobs: 100,
    },
    retention: { publishedRounds: Infinity, failedAttempts: 1 },
    aggregation: { workers: 1 },
    logging: { level: 'info' },
  });
});

const WITNESS =
  '{ name: w1, url: "https://witness.example", vkey: witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU }';

test('a witness is known by its key, and read where it is asked unless another address is given', async () => {
  const base = 'federation: test.example\nstateDirectory: state\n';
  const { witnesses } = await load(
    `${base}witnesses: { standAlone: [${WITNESS}], quorum: { members: 2, standAlone: 1 } }`,
  );
  const [witness] = witnesses.standAlone;
  assert.equal(witness?.url, 'https://witness.example/');
  assert.equal(witness.vkey.name, 'witness.example/w1');
  assert.deepEqual(witnesses.quorum, { members: 2, standAlone: 1 });
});

test('each mistake is named with its place', async () => {
  const base = 'federation: test.example\nstateDirectory: state\n';
  const mistakes: [string, RegExp][] = [
    ['stateDirectory: x', /^coordinator\.yaml: federation: /],
    ['federation: Test Example\nstateDirectory: x', /^coordinator\.yaml: federation: a federation is named/],
    [`${base}listen: { grpc: 7443 }`, /^coordinator\.yaml: listen\.grpc: /],
    [`${base}listen: { grpc: "localhost" }`, /^coordinator\.yaml: listen\.grpc: expected host:port/],
    [`${base}listen: { https: "a:1" }`, /^coordinator\.yaml: listen: .*https/],
    [
      `${base}witnesses: { quorum: { standAlone: 1 } }`,
      /^coordinator\.yaml: witnesses: quorum\.standAlone asks for more/,
    ],
    [
      `${base}witnesses: { standAlone: [{ name: both, vkey: a, url: "http://w" }] }`,
      /^coordinator\.yaml: witnesses\.standAlone\.0\.name: .*witnesses\.standAlone\.0\.vkey: vkey/,
    ],
    [
      `${base}witnesses: { standAlone: [${WITNESS}, ${WITNESS}] }`,
      /^coordinator\.yaml: witnesses: standAlone has two witnesses of one name/,
    ],
    [`${base}advertize: a:1`, /^coordinator\.yaml: document: .*advertize/],
    [`${base}limits: { maxUploadsAtOnce: 0 }`, /^coordinator\.yaml: limits\.maxUploadsAtOnce: /],
    [
      `${base}limits: { maxUploadBytesPerSite: 16 GB }`,
      /^coordinator\.yaml: limits\.maxUploadBytesPerSite: expected a number of bytes, or unlimited/,
    ],
    [`${base}limits: { diskReserveBytes: unlimited }`, /^coordinator\.yaml: limits\.diskReserveBytes: /],
    [`${base}limits: { maxRunningJobs: 0 }`, /^coordinator\.yaml: limits\.maxRunningJobs: /],
    [`${base}identity: { authority: ours }`, /^coordinator\.yaml: identity\.authority: /],
    [`${base}identity: { authority: own, siteCertificateDays: 0 }`, /identity\.siteCertificateDays: /],
    [`${base}identity: { authority: external, trustFile: ca.pem }`, /identity\.certificateFile: is missing/],
    [`${base}identity: { authority: own, trustFile: ca.pem }`, /identity: unknown key: "trustFile"/],
    [`${base}limits: { maxOpenJobs: 0 }`, /^coordinator\.yaml: limits\.maxOpenJobs: /],
    [`${base}retention: { publishedRounds: 0 }`, /^coordinator\.yaml: retention\.publishedRounds: /],
    [
      `${base}http: { tls: on }`,
      /^coordinator\.yaml: http\.tls: expected authority, off, or certificateFile/,
    ],
    [`${base}http: { tls: { keyFile: a } }`, /^coordinator\.yaml: http\.tls: expected authority, off/],
    [
      `${base}http: { tls: off }\nlisten: { http: "0.0.0.0:7480" }`,
      /^http\.tls: off is for loopback alone, and listen\.http is 0\.0\.0\.0:7480/,
    ],
    [
      `${base}http: { url: "https://a.example/path" }`,
      /^coordinator\.yaml: http\.url: expected https:\/\/host:port/,
    ],
    [`${base}http: { url: "https://a:b:c" }`, /^coordinator\.yaml: http\.url: expected https/],
    [
      `${base}http: { url: "https://a.example", oidc: { issuer: "https://[id", clientId: c, clientSecretFile: f } }`,
      /^coordinator\.yaml: http\.oidc\.issuer: expected https/,
    ],
    [`${base}http: { trustProxy: [proxy] }`, /^coordinator\.yaml: http\.trustProxy\.0: /],
    [`${base}http: { requestsPerMinute: 0 }`, /^coordinator\.yaml: http\.requestsPerMinute: /],
    [
      `${base}http: { oidc: { issuer: "https://id.example", clientId: c, clientSecretFile: f } }`,
      /^http\.url: is missing/,
    ],
    [
      `${base}http: { url: "https://a.example", oidc: { issuer: "http://id.example", clientId: c, clientSecretFile: f } }`,
      /^http\.oidc\.issuer: expected https/,
    ],
    [
      `${base}http: { url: "https://a.example", oidc: { issuer: "https://id.example", clientId: c, clientSecret: s } }`,
      /^coordinator\.yaml: http\.oidc/,
    ],
    [`${base}federation: twice.example`, /^coordinator\.yaml:3:1: Map keys must be unique/],
    [`${base}listen: {`, /^coordinator\.yaml:\d+:\d+: /],
    [`${base}advertise: *nothing`, /^coordinator\.yaml:/],
    ['', /^coordinator\.yaml: document: /],
  ];
  for (const [text, place] of mistakes) {
    await assert.rejects(
      load(text),
      (error) => error instanceof Refusal && error.code === 'CONFIG_INVALID' && place.test(error.detail),
      text,
    );
  }
});

test('a limit may be lifted by that word', async () => {
  const { limits } = await load(
    'federation: test.example\nstateDirectory: s\nlimits: { maxUploadBytesPerRound: unlimited }\n',
  );
  assert.equal(limits.maxUploadBytesPerRound, Infinity);
});

test('a file that is not there is a mistake too', async () => {
  await assert.rejects(
    loadConfig(join(directory, 'none.yaml')),
    (error) =>
      error instanceof Refusal && /none\.yaml: cannot be read \(there is no such file\)/.test(error.detail),
  );
});

test('the files of an authority elsewhere are relative to the configuration', async () => {
  const { identity } = await load(`
    { federation: test.example, stateDirectory: state,
      identity: { authority: external, trustFile: pki/ca.pem, certificateFile: /etc/tls.pem, keyFile: tls.key } }`);
  assert.deepEqual(identity, {
    authority: 'external',
    trustFile: join(directory, 'pki/ca.pem'),
    certificateFile: '/etc/tls.pem',
    keyFile: join(directory, 'tls.key'),
  });
});

test('whoever signs in may do nothing until a group of theirs is named', async () => {
  const { http } = await load(
    'federation: test.example\nstateDirectory: s\nhttp: { url: "https://a.example", oidc: { issuer: "https://id.example", clientId: c, clientSecretFile: f } }\n',
  );
  assert.deepEqual(http.oidc?.scopes, { operator: [], auditor: [], read: [] });
  assert.equal(http.oidc.clientSecretFile, join(directory, 'f'));
  assert.equal(scopeOf(http.oidc, ['operator', 'admin', '']), undefined);
  const scopes = { operator: ['boss'], auditor: ['check', 'boss'], read: ['all'] };
  assert.equal(scopeOf({ scopes }, ['all', 'check']), 'auditor');
  assert.equal(scopeOf({ scopes }, ['boss']), 'operator');
});
