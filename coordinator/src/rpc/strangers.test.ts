// The real server and real connections, of peers that TLS has accepted no certificate of.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { pino } from 'pino';
import { Refusal } from '@blindsum/proto';
import { FederationService, toServiceDefinition } from '@blindsum/proto/rpc';
import { FEDERATION } from '../federation.fixture.ts';
import { createAuthorityKey, openAuthority, type Authority } from '../identity/authority.ts';
import { ruleOfPath } from './access-rules.ts';
import { startRpcServer, type RpcServer, type RpcShells } from './rpc-server.ts';
import { STRANGER_LIMITS, type StrangerLimits } from './stranger-limits.ts';

let authority: Authority;
const servers: RpcServer[] = [];

before(async () => {
  authority = await openAuthority(FEDERATION, await createAuthorityKey(FEDERATION, Date.now()));
});

after(async () => {
  for (const server of servers) await server.close(0);
});

/** A server whose shells are never reached: every method is for sites. */
async function serve(changes: Partial<StrangerLimits> = {}) {
  const calls: string[] = [];
  const identity = {
    authority: authority.certificate,
    server: await authority.createServerIdentity(['127.0.0.1', 'localhost'], Date.now()),
  };
  const shells = {
    enrolment: {},
    federation: {},
    jobs: {},
    log: {},
    rosters: {},
    rounds: {},
    uploads: {},
    downloads: {},
  } as RpcShells;
  const server = await startRpcServer('127.0.0.1:0', identity, shells, {
    authenticate: async () => {
      throw new Refusal('UNAUTHENTICATED', 'no such member');
    },
    clock: { nowMs: () => Date.now() },
    log: pino({ level: 'silent' }),
    metrics: { called: (method, code) => void calls.push(`${method} ${code}`) },
    closing: new AbortController().signal,
    strangers: { ...STRANGER_LIMITS, ...changes },
  });
  servers.push(server);
  return { port: server.port, calls };
}

function getFederation(port: number): Promise<ServiceError> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createSsl(Buffer.from(authority.certificate)), {
    'grpc.use_local_subchannel_pool': 1,
    // RFC 6066 allows no address as a server name.
    'grpc.ssl_target_name_override': 'localhost',
  });
  const { path, requestSerialize, responseDeserialize } =
    toServiceDefinition(FederationService)['getFederation']!;
  return new Promise<ServiceError>((resolve, reject) => {
    const answer = (error: ServiceError | null): void => {
      client.close();
      if (error) resolve(error);
      else reject(new Error('a stranger was answered'));
    };
    const options = { deadline: Date.now() + 10_000 };
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, new Metadata(), options, answer);
  });
}

const codeOf = (error: ServiceError) => [error.code, ...error.metadata.get('blindsum-code')];

function openSession(port: number): ClientHttp2Session {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority.certificate });
  session.on('error', () => {});
  return session;
}

test('a stranger gets a status with a code, and its request is not read', async () => {
  const { port, calls } = await serve();
  assert.deepEqual(codeOf(await getFederation(port)), [status.UNAUTHENTICATED, 'UNAUTHENTICATED']);
  assert.deepEqual(calls, ['FederationService.GetFederation UNAUTHENTICATED']);
});

test('a session that is resumed without a certificate is that of a stranger', async () => {
  const { port } = await serve();
  const options = { host: '127.0.0.1', port, ca: authority.certificate, ALPNProtocols: ['h2'] };
  const first = connectTls(options);
  const [ticket] = (await once(first, 'session')) as [Buffer];
  first.destroy();
  const session = connectHttp2(`https://127.0.0.1:${port}`, {
    createConnection: () => connectTls({ ...options, session: ticket }),
  });
  const call = session.request({
    ':method': 'POST',
    ':path': '/blindsum.v1.FederationService/GetFederation',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const [headers] = (await once(call, 'response')) as [Record<string, string>];
  const socket = session.socket as unknown as { isSessionReused(): boolean };
  assert.equal(socket.isSessionReused(), true);
  assert.equal(headers['blindsum-code'], 'UNAUTHENTICATED');
  session.destroy();
});

test('a stranger’s window is not widened', async () => {
  const { port } = await serve();
  const session = openSession(port);
  await once(session, 'remoteSettings');
  for (let i = 0; i < 3; i++) await new Promise((resolve) => session.ping(resolve));
  assert.equal(session.state.remoteWindowSize, 65_535);
  session.destroy();
});

test('strangers have only so many connections, and a place is free again when one has gone', async () => {
  const { port } = await serve({ connectionsPerAddress: 2 });
  const held = [openSession(port), openSession(port)];
  for (const session of held) await once(session, 'remoteSettings');
  const third = openSession(port);
  await once(third, 'close');
  held[0]!.destroy();
  await sleep(50);
  const fourth = openSession(port);
  await once(fourth, 'remoteSettings');
  for (const session of [...held, fourth]) session.destroy();
});

test('a stranger that says nothing, or stays for long, is closed', async () => {
  const idle = openSession((await serve({ idleMs: 50 })).port);
  await once(idle, 'close');
  const { port } = await serve({ lifetimeMs: 300 });
  const long = openSession(port);
  await once(long, 'connect');
  const chatter = setInterval(() => long.destroyed || long.ping(() => {}), 20);
  await once(long, 'close');
  clearInterval(chatter);
});

test('handshakes that do not end are bounded in time and number', async () => {
  const { port } = await serve({ handshakeMs: 1000, handshakesPerAddress: 2 });
  const open = (bytes = '') => {
    const socket = connectTcp(port, '127.0.0.1').on('error', () => {});
    socket.resume().write(bytes);
    return { opened: once(socket, 'connect'), closed: once(socket, 'close') };
  };
  const stuck = [open(), open()];
  for (const { opened } of stuck) await opened;
  const oneTooMany = open().closed.then(() => 'one too many');
  assert.equal(await Promise.race([oneTooMany, stuck[0]!.closed]), 'one too many');
  for (const { closed } of stuck) await closed;
  // Their places are free again, also those of handshakes that failed.
  for (let i = 0; i < 4; i++) await open('GET / HTTP/1.1\r\n\r\n').closed;
  assert.deepEqual(codeOf(await getFederation(port)), [status.UNAUTHENTICATED, 'UNAUTHENTICATED']);
});

test('a path that is not served has no rule', () => {
  assert.throws(() => ruleOfPath('/blindsum.v1.FederationService/Nothing'), /no access rule/);
});
