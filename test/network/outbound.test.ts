// A site that may only dial out: through an HTTP CONNECT proxy, to one port, with an authority of its own choice, past balancers
// that forget silent connections. A real coordinator, a real proxy, and the site's own client.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server as ProxyServer } from 'proxy-chain';
import { FederationService } from '@blindsum/proto/rpc';
import {
  admitTestSite,
  startTestCoordinator,
  type TestCoordinator,
  type TestSite,
} from '../../coordinator/src/federation.fixture.ts';
import { createAuthorityKey } from '../../coordinator/src/identity/authority.ts';
import { KEEPALIVE } from '../../coordinator/src/rpc/rpc-server.ts';
import { loadConfig } from '../../participant/src/config.ts';
import {
  IDLE_CUT_MS,
  KEEPALIVE_TIMEOUT_MS,
  networkFormat,
} from '../../participant/src/network/network-config.ts';
import { openNetwork, type Network } from '../../participant/src/network/open-network.ts';
import { openChannels, type Channels } from '../../participant/src/rpc/channels.ts';
import { createUnaryCaller } from '../../participant/src/rpc/unary-call.ts';
import { openIdleCutter } from './idle-cutter.ts';

const CANARY = 'canary-of-the-proxy';
const ANSWER = 'test.example';

let folder: string;
let coordinator: TestCoordinator;
let site: TestSite;
let proxy: ProxyServer;
const dialled: string[] = [];
const opened: Channels[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bs-network-'));
  coordinator = await startTestCoordinator({}, { logging: { level: 'debug' } });
  site = await admitTestSite(coordinator, 'hospital-a');
  proxy = new ProxyServer({
    port: 0,
    host: '127.0.0.1',
    prepareRequestFunction: ({ hostname, port, username, password }) => {
      dialled.push(`${hostname}:${port}`);
      return { requestAuthentication: username !== 'site' || password !== CANARY };
    },
  });
  await proxy.listen();
});

after(async () => {
  for (const channels of opened) channels.close();
  site.close();
  await proxy.close(true);
  await coordinator.remove();
  await rm(folder, { recursive: true });
});

/** The `network` part of a site.yaml as its agent reads it. */
async function networkOf(lines: string, environment: Record<string, string> = {}): Promise<Network> {
  const path = join(folder, 'site.yaml');
  const rest =
    'site: a\nfederation: test.example\nstateDirectory: state\ndata: { train: rows.csv }\ntraining: {}\n';
  await writeFile(path, `${rest}network: ${lines}\n`);
  const { network } = await loadConfig(path);
  return openNetwork(network, environment, coordinator.running.advertise);
}

interface Dialling {
  readonly network: Network;
  readonly caCertificate?: string;
  readonly address?: string;
}

function open({ network, caCertificate, address = coordinator.running.advertise }: Dialling): Channels {
  const identity = {
    caCertificate: network.caCertificates ?? caCertificate ?? site.grant.caCertificate,
    certificate: site.grant.certificate,
    privateKey: site.tlsKey,
  };
  const channels = openChannels(address, identity, network);
  opened.push(channels);
  return channels;
}

async function ask(channels: Channels): Promise<string> {
  const call = createUnaryCaller(channels.control, FederationService);
  return (await call('getFederation', {})).federation;
}

async function askForBulk(channels: Channels): Promise<string> {
  return channels.bulk.use(async (client) => {
    const call = createUnaryCaller(client, FederationService);
    return (await call('getFederation', {})).federation;
  });
}

test('a site reaches its coordinator through a proxy that asks for credentials, on one port only', async () => {
  await writeFile(join(folder, 'proxy.txt'), `site:${CANARY}\n`, { mode: 0o600 });
  const network = await networkOf(
    `{ proxy: 'http://127.0.0.1:${proxy.port}', proxyCredentialsFile: proxy.txt }`,
  );
  dialled.length = 0;
  const channels = open({ network });
  assert.equal(await ask(channels), ANSWER);
  assert.equal(await askForBulk(channels), ANSWER);
  assert.deepEqual([...new Set(dialled)], [coordinator.running.advertise]);
  assert.equal(dialled.length, 2);
});

test('the environment names the proxy unless the configuration does', async () => {
  const https_proxy = `http://site:${CANARY}@127.0.0.1:${proxy.port}`;
  dialled.length = 0;
  assert.equal(await ask(open({ network: await networkOf('{}', { https_proxy }) })), ANSWER);
  assert.equal(dialled.length, 1);
  const excepted = await networkOf('{}', { https_proxy, no_proxy: 'localhost,127.0.0.0/8' });
  assert.equal(await ask(open({ network: excepted })), ANSWER);
  const none = await networkOf('{ proxy: none }', { https_proxy });
  assert.equal(await ask(open({ network: none })), ANSWER);
  assert.equal(dialled.length, 1);
});

test('credentials that a proxy does not take are in no error', async () => {
  await writeFile(join(folder, 'wrong.txt'), `somebody:${CANARY}`);
  const network = await networkOf(
    `{ proxy: 'http://127.0.0.1:${proxy.port}', proxyCredentialsFile: wrong.txt }`,
  );
  await assert.rejects(ask(open({ network })), (error: Error) => {
    assert.equal((error as { code?: string }).code, 'UNAVAILABLE');
    assert.ok(!JSON.stringify([error.message, error.stack, { ...error }]).includes(CANARY));
    return true;
  });
  await assert.rejects(
    networkOf(`{ proxy: 'http://site:${CANARY}@127.0.0.1:1' }`),
    (error: Error) => /network.proxy/.test(error.message) && !error.message.includes(CANARY),
  );
  await assert.rejects(networkOf('{ proxyCredentialsFile: absent.txt }', { https_proxy: 'http://x' }), {
    code: 'CONFIG_INVALID',
  });
});

test('an authority of the site’s choice vouches for the coordinator, and no other', async () => {
  const other = (await createAuthorityKey('other', Date.now())).certificate;
  await writeFile(join(folder, 'ca.pem'), `${other}${site.grant.caCertificate}`);
  const chosen = await networkOf('{ caFile: ca.pem }');
  assert.equal(await ask(open({ network: chosen, caCertificate: other })), ANSWER);
  const grants = await networkOf('{}');
  await assert.rejects(ask(open({ network: grants, caCertificate: other })), { code: 'UNAVAILABLE' });
});

test('a connection that nobody uses outlives a balancer that forgets silent ones', async () => {
  const idleMs = 1500;
  const port = Number(coordinator.running.advertise.split(':')[1]);
  const cutter = await openIdleCutter(port, idleMs);
  try {
    const network = { ...(await networkOf('{ proxy: none }')), keepaliveMs: idleMs / 10 };
    const channels = open({ network, address: `127.0.0.1:${cutter.port}` });
    assert.equal(await ask(channels), ANSWER);
    assert.equal(await askForBulk(channels), ANSWER);
    await sleep(3 * idleMs);
    assert.deepEqual(cutter.counts, { accepted: 2, forgotten: 0 });
    assert.equal(await ask(channels), ANSWER);
    assert.equal(await askForBulk(channels), ANSWER);
    assert.deepEqual(cutter.counts, { accepted: 2, forgotten: 0 });
  } finally {
    cutter.close();
  }
});

test('without signs of life the same balancer forgets it', async () => {
  const idleMs = 200;
  const cutter = await openIdleCutter(Number(coordinator.running.advertise.split(':')[1]), idleMs);
  const network = { ...(await networkOf('{ proxy: none }')), keepaliveMs: 60_000 };
  const channels = open({ network, address: `127.0.0.1:${cutter.port}` });
  assert.equal(await ask(channels), ANSWER);
  await sleep(3 * idleMs);
  assert.equal(cutter.counts.forgotten, 1);
  cutter.close();
});

test('what a site and a coordinator send by default is more often than every four minutes', () => {
  const { keepaliveSeconds } = networkFormat.parse({});
  assert.ok(keepaliveSeconds * 1000 + KEEPALIVE_TIMEOUT_MS < IDLE_CUT_MS);
  assert.ok(KEEPALIVE.timeMs + KEEPALIVE.timeoutMs < IDLE_CUT_MS);
  const most = { keepaliveSeconds: 180 };
  assert.ok(networkFormat.parse(most).keepaliveSeconds * 1000 + KEEPALIVE_TIMEOUT_MS < IDLE_CUT_MS);
  assert.throws(() => networkFormat.parse({ keepaliveSeconds: 181 }));
});

test('no line of the coordinator’s log holds what a proxy was told', () => {
  assert.ok(coordinator.lines.length > 0);
  assert.ok(!coordinator.lines.join('\n').includes(CANARY));
});
