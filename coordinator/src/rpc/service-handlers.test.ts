import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { type Client, Metadata, Server, status, type ServiceError } from '@grpc/grpc-js';
import { pino } from 'pino';
import { Refusal, type SiteId } from '@blindsum/proto';
import { DownloadService, FederationService, toServiceDefinition, UploadService } from '@blindsum/proto/rpc';
import { connectTo } from '../rpc-calls.fixture.ts';
import { ACCESS_RULES } from './access-rules.ts';
import { toImplementation, toRawDefinition, type Gate } from './service-handlers.ts';

const lines: string[] = [];
const calls: string[] = [];
const gate: Gate = {
  authenticate: async () => 'hospital-a' as SiteId,
  log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
  metrics: { called: (method, code) => void calls.push(`${method} ${code}`) },
  closing: new AbortController().signal,
};

const received = Promise.withResolvers<void>();
const ended = Promise.withResolvers<void>();
const stopped = Promise.withResolvers<void>();
let produced = 0;

const server = new Server();
let client: Client;

before(async () => {
  server.addService(
    toRawDefinition(FederationService),
    toImplementation(
      FederationService,
      ACCESS_RULES.FederationService,
      {
        getFederation: async ({ site }) => ({ federation: site }),
        heartbeat: async () => {
          throw new Error('cannot open /home/operator/secret');
        },
      },
      gate,
    ),
  );
  server.addService(
    toRawDefinition(DownloadService),
    toImplementation(
      DownloadService,
      ACCESS_RULES.DownloadService,
      {
        async *downloadSum() {
          yield { index: 0, data: new Uint8Array(1) };
          throw new Refusal('NOT_FOUND', 'part 1');
        },
        async *downloadContribution() {
          try {
            for (let index = 0; ; index++) {
              produced = index;
              yield { index, data: new Uint8Array(1 << 20) };
            }
          } finally {
            stopped.resolve();
          }
        },
        async *downloadShares() {},
        async *downloadOpenings() {},
        async *downloadCheckpoint() {},
      },
      gate,
    ),
  );
  server.addService(
    toRawDefinition(UploadService),
    toImplementation(
      UploadService,
      ACCESS_RULES.UploadService,
      {
        getUploadStatus: async () => {
          throw Object.assign(new Error('Premature close'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
        },
        async upload(_caller, requests: AsyncIterable<unknown>) {
          const iterator = requests[Symbol.asyncIterator]();
          while (!(await iterator.next()).done) received.resolve();
          ended.resolve();
          return {};
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

function ask(method: 'getFederation' | 'heartbeat'): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(FederationService)[method]!;
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest<object, object>(
      path,
      requestSerialize,
      responseDeserialize,
      {},
      new Metadata(),
      (error, answer) => (error ? reject(error) : resolve(answer)),
    ),
  );
}

function download(method: 'downloadSum' | 'downloadContribution') {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(DownloadService)[method]!;
  return client.makeServerStreamRequest<object, { index: number }>(
    path,
    requestSerialize,
    responseDeserialize,
    { ref: { job: 'job-1', round: 3, attempt: 2 } },
  );
}

test('an error that is no refusal tells the caller nothing, and our log everything', async () => {
  await assert.rejects(ask('heartbeat'), (error: ServiceError) => {
    assert.equal(error.code, status.INTERNAL);
    assert.deepEqual(error.metadata.get('blindsum-code'), ['INTERNAL']);
    assert.doesNotMatch(JSON.stringify([error.message, error.details, error.metadata]), /home|secret/);
    return true;
  });
  const line = lines.find((text) => text.includes('rpc.failed'));
  assert.match(line ?? '', /FederationService.Heartbeat.*cannot open/s);
  assert.ok(calls.includes('FederationService.Heartbeat INTERNAL'));
});

test('the handler is told who calls', async () => {
  assert.equal(((await ask('getFederation')) as { federation: string }).federation, 'hospital-a');
  assert.ok(calls.includes('FederationService.GetFederation OK'));
});

test('a stream that is refused midway keeps what it sent and ends with the code', async () => {
  const received: number[] = [];
  const error = await new Promise<ServiceError>((resolve) =>
    download('downloadSum')
      .on('data', ({ index }: { index: number }) => received.push(index))
      .on('error', resolve),
  );
  assert.deepEqual(received, [0]);
  assert.equal(error.code, status.NOT_FOUND);
  assert.deepEqual(error.metadata.get('blindsum-code'), ['NOT_FOUND']);
  const line = JSON.parse(lines.find((text) => text.includes('rpc.refused'))!) as Record<string, unknown>;
  const { event, site, job, round, attempt } = line;
  assert.deepEqual([event, site, job, round, attempt], ['rpc.refused', 'hospital-a', 'job-1', 3, 2]);
});

test('the stream that a handler reads ends when its sender goes', async () => {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(UploadService)['upload']!;
  const stream = client.makeClientStreamRequest<object, object>(
    path,
    requestSerialize,
    responseDeserialize,
    () => {},
  );
  stream.write({ message: { case: 'part', value: new Uint8Array(1) } });
  await received.promise;
  stream.cancel();
  await ended.promise;
});

test('a stream that breaks off with its connection is no fault of ours', async () => {
  const { path, requestSerialize, responseDeserialize } =
    toServiceDefinition(UploadService)['getUploadStatus']!;
  await new Promise((resolve) =>
    client.makeUnaryRequest<object, object>(path, requestSerialize, responseDeserialize, {}, resolve),
  );
  assert.match(lines.find((text) => text.includes('GetUploadStatus')) ?? '', /"event":"rpc\.cancelled"/);
});

test('a stream is no faster than its caller reads, and stops when its caller goes', async () => {
  const stream = download('downloadContribution');
  stream.on('error', () => {});
  await once(stream, 'readable');
  const before = produced;
  assert.ok(before < 64, `${before} MiB were made for a caller that read nothing`);
  stream.cancel();
  await stopped.promise;
});
