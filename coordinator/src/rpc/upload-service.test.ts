// An upload that is cut off with its connection and goes on, over the wire, as the metrics see it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, Metadata, Server } from '@grpc/grpc-js';
import { pino } from 'pino';
import { CHUNK_BYTES, PART_BYTES, type JobId, type SiteId } from '@blindsum/proto';
import { BlobKind, toServiceDefinition, UploadService } from '@blindsum/proto/rpc';
import { createMetrics } from '../metrics.ts';
import { callUnary, connectTo } from '../rpc-calls.fixture.ts';
import { NOTHING } from '../measured.fixture.ts';
import { MemoryBlobStore } from '../storage/memory-blob-store.ts';
import { UNCOUNTED_TRAFFIC } from '../uncounted.fixture.ts';
import { ciphertextTarget } from '../uploads/upload-target.ts';
import { createUploads } from '../uploads/uploads.ts';
import { ACCESS_RULES } from './access-rules.ts';
import type { OpenRound } from './round-access.ts';
import { toImplementation, toRawDefinition } from './service-handlers.ts';
import { createUploadService, type UploadShell } from './upload-service.ts';

const REF = { job: 'job', round: 1, attempt: 1 };
const ID = { ...REF, job: 'job' as JobId };
const SITE = 'hospital-a' as SiteId;
const CHUNKS = 2 * (PART_BYTES / CHUNK_BYTES) + 1;
const SIZE = CHUNKS * CHUNK_BYTES;
const TARGET = ciphertextTarget(ID, SITE, CHUNKS);
const KIND = BlobKind.CIPHERTEXT;

const blobs = new MemoryBlobStore();
const metrics = createMetrics(async () => NOTHING);
const round = {
  id: ID,
  stored: { round: { phase: 'collecting', contributions: {} } },
  document: { chunks: () => CHUNKS, roster: { members: [] } },
} as unknown as OpenRound;
const server = new Server();
let client: Client;

before(async () => {
  const openRound = async () => round;
  // What is not there is of other kinds of blobs.
  const shell: Omit<UploadShell, 'checkpoints' | 'releases'> = {
    ...{ openRound, uploads: createUploads({ blobs }), metrics, traffic: UNCOUNTED_TRAFFIC },
  };
  server.addService(
    toRawDefinition(UploadService),
    toImplementation(UploadService, ACCESS_RULES.UploadService, createUploadService(shell as UploadShell), {
      ...{ authenticate: async () => SITE, log: pino({ level: 'silent' }), metrics },
      closing: new AbortController().signal,
    }),
  );
  client = await connectTo(server);
});

after(() => {
  client.close();
  server.forceShutdown();
});

/** Sends what is left from `offset`, but no more than `parts`, and leaves the stream open. */
function send(offset: number, parts: number) {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(UploadService)['upload']!;
  const ended = Promise.withResolvers<unknown>();
  const stream = client.makeClientStreamRequest<object, { committedOffset: bigint }>(
    ...([path, requestSerialize, responseDeserialize, new Metadata(), {}] as const),
    (error, response) => ended.resolve(error ?? response!.committedOffset),
  );
  const header = { ref: REF, kind: KIND, size: BigInt(SIZE), offset: BigInt(offset) };
  stream.write({ message: { case: 'header', value: header } });
  for (let at = offset; at < Math.min(SIZE, offset + parts * PART_BYTES); at += PART_BYTES)
    stream.write({ message: { case: 'part', value: new Uint8Array(Math.min(PART_BYTES, SIZE - at)) } });
  return { stream, ended: ended.promise };
}

const committed = async () =>
  Number(
    (await callUnary(client, UploadService, 'getUploadStatus', { ref: REF, kind: KIND })).committedOffset,
  );

/** The samples of uploads, as Prometheus gets them. */
async function counted(): Promise<Record<string, number>> {
  const lines = (await metrics.registry.metrics()).split('\n');
  const ours = lines.filter((line) => /^blindsum_upload_\w+\{kind="ciphertext"\}|queue="uploads"/.test(line));
  return Object.fromEntries(
    ours.map((line) => [/^blindsum_(\w+)/.exec(line)![1]!, Number(line.split(' ')[1])] as const),
  );
}

test(
  'an upload that goes on where its stream was cut off is counted once, with each byte once',
  { timeout: 60_000 },
  async () => {
    assert.equal(await committed(), 0);
    assert.deepEqual(await counted(), { upload_bytes_total: 0, upload_resumes_total: 0, queue_depth: 0 });
    const { stream, ended } = send(0, 1);
    while ((await blobs.size(TARGET)) < PART_BYTES) await sleep(5);
    assert.equal((await counted())['queue_depth'], 1);
    stream.cancel();
    await ended;
    while ((await counted())['queue_depth'] !== 0) await sleep(5);
    const cut = { upload_bytes_total: PART_BYTES, upload_resumes_total: 0, queue_depth: 0 };
    assert.deepEqual(await counted(), cut);
    // Its site asks how far it was, and sends the rest.
    assert.equal(await committed(), PART_BYTES);
    const rest = send(PART_BYTES, CHUNKS);
    rest.stream.end();
    assert.equal(await rest.ended, BigInt(SIZE));
    const whole = { upload_bytes_total: SIZE, upload_resumes_total: 1, queue_depth: 0 };
    assert.deepEqual(await counted(), whole);
    // Nothing goes on once it is whole.
    assert.equal(await committed(), SIZE);
    assert.deepEqual(await counted(), whole);
  },
);
