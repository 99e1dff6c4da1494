// Real processes with traces switched on: what the coordinator and the hospitals do in a round is one trace.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { parseJobId } from '@blindsum/proto';
import { roundTraceIds } from '@blindsum/proto/tracing';
import { openRealFederation } from '../fixtures/real-federation.ts';

type Value = { readonly stringValue?: string; readonly intValue?: number | string };

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
  readonly by: string;
}

interface Body {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Span['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'by'>[] }[];
  }[];
}

const valueOf = (attributes: Span['attributes'], key: string) =>
  attributes.find((attribute) => attribute.key === key)?.value;

/** Takes OTLP over HTTP, in JSON. */
async function openCollector() {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as Body;
      for (const { resource, scopeSpans } of resourceSpans) {
        const by = valueOf(resource.attributes, 'service.instance.id')?.stringValue ?? '';
        for (const scope of scopeSpans) spans.push(...scope.spans.map((span) => ({ ...span, by })));
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<unknown>((resolve) => server.close(resolve));
  return { spans, endpoint: `http://127.0.0.1:${port}/v1/traces`, close };
}

test(
  'a round is one trace, with the spans of the coordinator and of every hospital',
  { timeout: 240_000 },
  async () => {
    const collector = await openCollector();
    const tracing = { endpoint: collector.endpoint };
    const federation = await openRealFederation({
      ...{ hospitals: 3, rounds: 1, coordinator: { tracing }, site: async () => ({ tracing }) },
    });
    try {
      for (const hospital of federation.hospitals) hospital.start();
      for (const hospital of federation.hospitals) await hospital.finish();
    } finally {
      // Whoever stops sends what is left.
      await federation.remove();
      await collector.close();
    }
    const { spans } = collector;
    const job = parseJobId(federation.job);
    const federations = new Set(
      spans.map(({ attributes }) => valueOf(attributes, 'federation')?.stringValue),
    );
    const [name] = [...federations].filter((one) => one !== undefined);
    // Statistics, one training round, evaluation.
    const traces = [0, 1, 2].map((round) => roundTraceIds({ federation: name!, job, round, attempt: 1 }));
    assert.deepEqual(
      [...new Set(spans.map(({ traceId }) => traceId))].toSorted(),
      traces.map(({ traceId }) => traceId).toSorted(),
    );
    const training = spans.filter(({ traceId }) => traceId === traces[1]!.traceId);
    const byOf = (span: string) =>
      training
        .filter((one) => one.name === span)
        .map(({ by }) => by)
        .toSorted();
    for (const span of ['round', 'collect', 'seal', 'check', 'open', 'sum', 'publish'])
      assert.deepEqual(byOf(span), [name], span);
    const hospitals = ['hospital-a', 'hospital-b', 'hospital-c'];
    for (const span of ['contribute', 'train', 'encrypt', 'upload', 'open at site', 'verify and apply'])
      assert.deepEqual([...new Set(byOf(span))], hospitals, span);
    // One call has two spans, one inside the other, by two programs.
    const calls = training.filter((one) => one.name === 'RoundService.Commit');
    const answered = calls.filter(({ by }) => by === name);
    assert.equal(answered.length, 3);
    for (const { parentSpanId } of answered)
      assert.ok(hospitals.includes(calls.find(({ spanId }) => spanId === parentSpanId)!.by));
    // All are inside the span of the whole round, which the coordinator made.
    const ids = new Set(training.map(({ spanId }) => spanId));
    for (const { parentSpanId, name: span } of training)
      assert.ok(span === 'round' ? !parentSpanId : ids.has(parentSpanId!), span);
    assert.equal(training.find((one) => one.name === 'round')!.spanId, traces[1]!.spanId);
    for (const { attributes } of spans)
      for (const { key } of attributes)
        assert.ok(
          ['federation', 'job', 'round', 'attempt', 'site', 'code', 'result', 'contributors'].includes(key),
          key,
        );
  },
);
