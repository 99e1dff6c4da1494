// Without an SDK, and with one whose spans stay in memory.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { Metadata } from '@grpc/grpc-js';
import { Refusal, type JobId } from '../../src/index.ts';
import {
  roundTraceIds,
  startTracing,
  traced,
  tracedAnswer,
  tracedCall,
  tracedInRound,
  traceFields,
  traceMetadata,
} from './index.ts';
import { resolveTracing, tracingFormat } from './tracing-config.ts';

const ROUND = { federation: 'test.example', job: 'job' as JobId, round: 2, attempt: 1 };

interface Sent {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
}

test('the ids of a round follow from its name, and another attempt is another trace', () => {
  const { traceId, spanId } = roundTraceIds(ROUND);
  assert.match(traceId, /^[0-9a-f]{32}$/);
  assert.match(spanId, /^[0-9a-f]{16}$/);
  assert.deepEqual(roundTraceIds({ ...ROUND }), { traceId, spanId });
  for (const other of [{ attempt: 2 }, { round: 1 }, { federation: 'other.example' }, { job: 'x' as JobId }])
    assert.notEqual(roundTraceIds({ ...ROUND, ...other }).traceId, traceId);
});

test('without traces everything is a plain call, and calls carry nothing', async () => {
  const carried = () => Promise.resolve(traceMetadata().getMap());
  assert.deepEqual(
    await tracedInRound(ROUND, 'x', {}, () => traced('y', {}, () => tracedCall('z', carried))),
    {},
  );
});

test('without traces no line says anything of them', () => {
  assert.deepEqual(traceFields('test.example')(ROUND), {});
});

test('headers are sent in the clear to nobody else', () => {
  const isValid = (value: object) => tracingFormat.safeParse(value).success;
  assert.ok(isValid({ endpoint: 'http://collector:4318/v1/traces' }));
  assert.ok(isValid({ endpoint: 'https://collector/v1/traces', headersFile: 'h' }));
  assert.ok(isValid({ endpoint: 'http://127.0.0.1:4318/v1/traces', headersFile: 'h' }));
  for (const endpoint of [
    'http://collector:4318/v1/traces',
    'http://127.0.0.1.example/',
    'ftp://x',
    'https://a@b/',
  ])
    assert.ok(!isValid({ endpoint, headersFile: 'h' }), endpoint);
  assert.equal(resolveTracing({ endpoint: 'https://a', headersFile: 'h' }, '/etc').headersFile, '/etc/h');
});

/** What lines say of their trace, inside of a span of the round and outside. */
async function writeLines() {
  const fields = traceFields('test.example');
  const { job, round, attempt } = ROUND;
  const lines = [{ event: 'x' }, { job, round, attempt }, { job, round, attempt: 2 }, { job, round }];
  const strange = [{ job: '../x' }, { round: -1 }, { round: 1e300 }, { round: Number.NaN }, { attempt: '1' }];
  return {
    inside: await tracedInRound(ROUND, 'write lines', {}, async () => lines.map(fields)),
    outside: lines.map(fields),
    strange: strange.map((one) => fields({ job, round, attempt, ...one })),
  };
}

function assertInTrace({ inside, outside, strange }: Awaited<ReturnType<typeof writeLines>>, spanId: string) {
  const [first, second] = [1, 2].map((attempt) => {
    const ids = roundTraceIds({ ...ROUND, attempt });
    return { trace_id: ids.traceId, span_id: ids.spanId };
  });
  const current = { ...first, span_id: spanId };
  assert.deepEqual(inside, [current, current, second, current]);
  assert.deepEqual(outside, [{}, first, second, {}]);
  assert.deepEqual(strange, [{}, {}, {}, {}, {}]);
}

suite('with traces', () => {
  const spans: Sent[] = [];
  const tokens: unknown[] = [];
  const failures: string[] = [];
  let collector: Server;
  let folder: string;
  const setup = {
    service: 'test',
    version: '1',
    instance: 'a',
    failed: (reason: string) => void failures.push(reason),
  };
  const endpoint = () => `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blindsum-tracing-'));
    collector = createServer((request, response) => {
      tokens.push(request.headers['x-token']);
      let text = '';
      request.on('data', (bytes: Buffer) => (text += bytes.toString()));
      request.on('end', () => {
        type Body = { resourceSpans: { scopeSpans: { spans: Sent[] }[] }[] };
        for (const { scopeSpans } of (JSON.parse(text) as Body).resourceSpans)
          for (const scope of scopeSpans) spans.push(...scope.spans);
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    collector.close();
    await rm(folder, { recursive: true });
  });

  test('a headers file of another form is refused, and not repeated', async () => {
    const headersFile = join(folder, 'bad');
    await writeFile(headersFile, 'no-colon-but-s3cret\n');
    await assert.rejects(
      startTracing({ ...setup, config: { endpoint: endpoint(), headersFile } }),
      (error: Error) =>
        error.message.startsWith('CONFIG_INVALID: tracing.headersFile') && !error.message.includes('s3cret'),
    );
  });

  test('a call is inside the step that makes it, and its answer inside the call', async () => {
    const headersFile = join(folder, 'headers');
    await writeFile(headersFile, 'X-Token: s3cret\n');
    const tracing = await startTracing({ ...setup, config: { endpoint: endpoint(), headersFile } });
    const answered = (metadata: Metadata) =>
      tracedAnswer({ metadata, method: 'S.M', site: 'b' }, () =>
        Promise.reject(new Refusal('WRONG_PHASE', 'private')),
      );
    await assert.rejects(
      tracedInRound(ROUND, 'step', { site: 'b' }, () => tracedCall('S.M', () => answered(traceMetadata()))),
      { code: 'WRONG_PHASE' },
    );
    // Outside of a round there is nothing to be inside of.
    await tracedCall('lonely', async () => assert.deepEqual(traceMetadata().getMap(), {}));
    const forged = new Metadata();
    forged.set('traceparent', '00-zz-00-01');
    await tracedAnswer({ metadata: forged, method: 'forged', site: 'b' }, async () => {});
    const lines = await writeLines();
    await tracing.close();
    const [written] = spans.splice(
      spans.findIndex(({ name }) => name === 'write lines'),
      1,
    );
    assertInTrace(lines, written!.spanId);
    const [step, call, answer] = ['step', 'S.M', 'S.M'].map((name, i) =>
      spans.filter((one) => one.name === name).at(i === 1 ? -1 : 0)!,
    );
    const { traceId, spanId } = roundTraceIds(ROUND);
    assert.deepEqual(
      [step, call, answer].map((one) => one!.traceId),
      [traceId, traceId, traceId],
    );
    assert.deepEqual(
      [step, call, answer].map((one) => one!.parentSpanId),
      [spanId, step!.spanId, call!.spanId],
    );
    assert.equal(spans.length, 3);
    assert.ok(!JSON.stringify(spans).includes('private'));
    assert.match(JSON.stringify(answer!.attributes), /WRONG_PHASE/);
    assert.deepEqual([...new Set(tokens)], ['s3cret']);
    assert.deepEqual(failures, []);
  });
});
