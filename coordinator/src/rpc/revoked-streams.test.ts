// A site is looked at again with each message of a stream, and before an answer that was held back is given.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Client, Server, type ServiceError } from '@grpc/grpc-js';
import { pino } from 'pino';
import { Refusal, type SiteId } from '@blindsum/proto';
import { DownloadService, RoundService, toServiceDefinition, UploadService } from '@blindsum/proto/rpc';
import { connectTo } from '../rpc-calls.fixture.ts';
import { ACCESS_RULES } from './access-rules.ts';
import { toImplementation, toRawDefinition, type Gate } from './service-handlers.ts';

const world = {
  isRevoked: false,
  gone: false,
  uploaded: 0,
  produced: 0,
  waiting: Promise.withResolvers<void>(),
};
const codes: string[] = [];
const lines: string[] = [];
const gate: Gate = {
  async authenticate() {
    if (world.isRevoked) throw new Refusal('UNAUTHENTICATED', 'revoked');
    return 'hospital-a' as SiteId;
  },
  log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
  metrics: { called: (_, code) => void codes.push(code) },
  closing: new AbortController().signal,
};
const server = new Server();
let client: Client;

beforeEach(() => Object.assign(world, { isRevoked: false, gone: false, uploaded: 0, produced: 0 }));

before(async () => {
  const upload = async (_: unknown, requests: AsyncIterable<unknown>) => {
    const iterator = requests[Symbol.asyncIterator]();
    while (!(await iterator.next()).done) world.uploaded++;
    return {};
  };
  const downloadSum = async function* () {
    for (let index = 0; ; index++) {
      world.produced = index;
      yield { index, data: new Uint8Array(1 << 20) };
    }
  };
  const watchRound = async ({ signal }: { signal: AbortSignal }) => {
    signal.addEventListener('abort', () => (world.gone = true));
    world.waiting.resolve();
    while (!world.isRevoked) await new Promise((resolve) => setTimeout(resolve, 5));
    return {};
  };
  const services = [
    [UploadService, ACCESS_RULES.UploadService, { upload }],
    [DownloadService, ACCESS_RULES.DownloadService, { downloadSum }],
    [RoundService, ACCESS_RULES.RoundService, { watchRound }],
  ] as const;
  for (const [service, rules, handlers] of services)
    server.addService(toRawDefinition(service), toImplementation(service, rules, handlers as never, gate));
  client = await connectTo(server);
});

after(() => {
  client.close();
  server.forceShutdown();
});

const codeOf = (error: ServiceError | null) => error?.metadata.get('blindsum-code')[0];
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('an upload of a site that is revoked ends with the next part', async () => {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(UploadService)['upload']!;
  const ended = Promise.withResolvers<ServiceError | null>();
  const stream = client.makeClientStreamRequest<object, object>(
    path,
    requestSerialize,
    responseDeserialize,
    (error) => ended.resolve(error),
  );
  const part = { message: { case: 'part', value: new Uint8Array(1) } };
  stream.write(part);
  await until(() => world.uploaded === 1);
  world.isRevoked = true;
  stream.write(part);
  assert.equal(codeOf(await ended.promise), 'UNAUTHENTICATED');
  assert.equal(world.uploaded, 1);
});

test('a download of a site that is revoked ends with the part under way', async () => {
  const { path, requestSerialize, responseDeserialize } =
    toServiceDefinition(DownloadService)['downloadSum']!;
  const stream = client.makeServerStreamRequest<object, object>(
    path,
    requestSerialize,
    responseDeserialize,
    {},
  );
  const ended = new Promise<ServiceError>((resolve) => stream.on('error', resolve));
  stream.once('data', () => (world.isRevoked = true));
  assert.equal(codeOf(await ended), 'UNAUTHENTICATED');
  assert.ok(world.produced < 200);
});

test('an answer that was held back is not given to a site that was revoked meanwhile', async () => {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(RoundService)['watchRound']!;
  const ended = Promise.withResolvers<ServiceError | null>();
  client.makeUnaryRequest<object, object>(path, requestSerialize, responseDeserialize, {}, (error) =>
    ended.resolve(error),
  );
  await world.waiting.promise;
  world.isRevoked = true;
  assert.equal(codeOf(await ended.promise), 'UNAUTHENTICATED');
});

test('a caller that goes away while its answer is held back is no stranger', async () => {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(RoundService)['watchRound']!;
  world.waiting = Promise.withResolvers<void>();
  lines.length = 0;
  codes.length = 0;
  const call = client.makeUnaryRequest<object, object>(
    ...[path, requestSerialize, responseDeserialize, {}],
    () => {},
  );
  await world.waiting.promise;
  call.cancel();
  await until(() => world.gone);
  world.isRevoked = true;
  await until(() => codes.length > 0);
  assert.deepEqual(codes, ['CANCELLED']);
  assert.match(lines.join(), /"event":"rpc.cancelled"/);
});
