// A service with a method for anyone and one for sites, as a stranger meets it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Client, Metadata, Server, type ServiceError } from '@grpc/grpc-js';
import { pino } from 'pino';
import { FederationService, toServiceDefinition, type HeartbeatRequest } from '@blindsum/proto/rpc';
import { connectTo } from '../rpc-calls.fixture.ts';
import type { AccessRule } from './access-rules.ts';
import { createCallRate } from './call-rate.ts';
import { toImplementation, toRawDefinition, type Visitor } from './service-handlers.ts';
import { createStrangerGate } from './stranger-gate.ts';

const ANYONE: AccessRule = {
  role: 'anyone',
  member: 'none',
  phases: 'any',
  whose: 'own',
  maxRequestBytes: 64,
};
const SITE: AccessRule = { role: 'site', member: 'federation', phases: 'any', whose: 'own' };
const RULES = { getFederation: SITE, heartbeat: ANYONE };

const visitors: Visitor[] = [];
const counted: string[] = [];
let nowMs = 0;
let server: Server;
let client: Client;

before(async () => {
  const gate = {
    authenticate: () => assert.fail('nobody is authenticated here'),
    log: pino({ level: 'silent' }),
    metrics: { called: (method: string, code: string) => void counted.push(`${method} ${code}`) },
    closing: new AbortController().signal,
  };
  const rate = createCallRate({ callsPerSecond: 3, callsPerSecondPerAddress: 3 });
  const strangerGate = createStrangerGate({ ...gate, rate, clock: { nowMs: () => nowMs } }, (path) =>
    path.endsWith('Heartbeat') ? ANYONE : SITE,
  );
  server = new Server({ interceptors: [strangerGate] });
  server.addService(
    toRawDefinition(FederationService),
    toImplementation<typeof FederationService, 'heartbeat'>(
      FederationService,
      RULES,
      {
        getFederation: () => assert.fail('a stranger was let in'),
        async heartbeat(visitor: Visitor, { version }: HeartbeatRequest) {
          visitors.push(visitor);
          return { intervalMs: version.length };
        },
      },
      gate,
    ),
  );
  client = await connectTo(server);
});

after(() => {
  client.close();
  server.forceShutdown();
});

/** The answer, or the code of the refusal. */
function call(method: 'getFederation' | 'heartbeat', request: object): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(FederationService)[method]!;
  return new Promise((resolve) =>
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      new Metadata(),
      (error: ServiceError | null, answer) =>
        resolve(error ? error.metadata.get('blindsum-code')[0] : answer),
    ),
  );
}

test('a method for anyone learns the address of its caller, and no site', async () => {
  const answer = (await call('heartbeat', { version: 'abc' })) as { intervalMs: number };
  assert.equal(answer.intervalMs, 3);
  assert.equal(visitors[0]!.address, '127.0.0.1');
  assert.equal('site' in visitors[0]! && visitors[0].site, undefined);
});

test('a method for sites does not see a stranger', async () => {
  assert.equal(await call('getFederation', {}), 'UNAUTHENTICATED');
  assert.ok(counted.includes('FederationService.GetFederation UNAUTHENTICATED'));
});

test('a request that is longer than its row allows is refused before it is parsed', async () => {
  nowMs += 1000;
  assert.equal(await call('heartbeat', { version: 'x'.repeat(65) }), 'MALFORMED');
});

test('a stranger that calls too often is told to wait, and answered again after a second', async () => {
  nowMs += 1000;
  for (let i = 0; i < 3; i++) assert.ok(typeof (await call('heartbeat', {})) === 'object');
  assert.equal(await call('heartbeat', {}), 'BUSY');
  assert.ok(counted.includes('FederationService.Heartbeat BUSY'));
  nowMs += 1000;
  assert.ok(typeof (await call('heartbeat', {})) === 'object');
});
