// What is logged of a call that carries a trace.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Client, Metadata, Server } from '@grpc/grpc-js';
import { pino } from 'pino';
import { Refusal, type SiteId } from '@blindsum/proto';
import { FederationService, toServiceDefinition } from '@blindsum/proto/rpc';
import { startTracing, traceFields } from '@blindsum/proto/tracing';
import { connectTo } from '../rpc-calls.fixture.ts';
import { ACCESS_RULES } from './access-rules.ts';
import { toImplementation, toRawDefinition, type Gate } from './service-handlers.ts';

const TRACE_ID = 'ab'.repeat(16);
const CALLER_SPAN = 'cd'.repeat(8);

const lines: Record<string, unknown>[] = [];
const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
const gate: Gate = {
  authenticate: async () => 'hospital-a' as SiteId,
  log: pino({ level: 'debug', mixin: traceFields('test.example') }, { write }),
  metrics: { called: () => {} },
  closing: new AbortController().signal,
};
const server = new Server();
let client: Client;
let tracing: Awaited<ReturnType<typeof startTracing>>;

before(async () => {
  tracing = await startTracing({
    ...{ service: 'test', version: '1', instance: 'a', failed: () => {} },
    // Nobody listens there: spans are lost, and lines are not.
    config: { endpoint: 'http://127.0.0.1:9/v1/traces' },
  });
  const handlers = {
    getFederation: () => Promise.reject(new Refusal('WRONG_PHASE', 'not now')),
    heartbeat: () => Promise.reject(new Error('the disk is gone')),
  };
  server.addService(
    toRawDefinition(FederationService),
    toImplementation(FederationService, ACCESS_RULES.FederationService, handlers, gate),
  );
  client = await connectTo(server);
});

after(async () => {
  client.close();
  server.forceShutdown();
  await tracing.close();
});

function ask(method: 'getFederation' | 'heartbeat', metadata: Metadata): Promise<void> {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(FederationService)[method]!;
  return new Promise((resolve) =>
    client.makeUnaryRequest<object, object>(
      ...[path, requestSerialize, responseDeserialize, {}, metadata],
      () => resolve(),
    ),
  );
}

test('what is refused, and what fails, is logged inside the span of the call', async () => {
  const metadata = new Metadata();
  metadata.set('traceparent', `00-${TRACE_ID}-${CALLER_SPAN}-01`);
  for (const method of ['getFederation', 'heartbeat'] as const) await ask(method, metadata);
  assert.deepEqual(
    lines.map(({ event }) => event),
    ['rpc.refused', 'rpc.failed'],
  );
  for (const { trace_id, span_id } of lines) {
    assert.equal(trace_id, TRACE_ID);
    assert.match(String(span_id), /^[0-9a-f]{16}$/);
    assert.notEqual(span_id, CALLER_SPAN);
  }
});

test('a call that carries no trace is logged without one', async () => {
  lines.length = 0;
  await ask('getFederation', new Metadata());
  assert.equal(lines.length, 1);
  assert.ok(!('trace_id' in lines[0]!));
});
