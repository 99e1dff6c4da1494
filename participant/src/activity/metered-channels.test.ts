// What is recorded of what leaves, with real gRPC calls to a server that is there for it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Client, credentials, Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { PART_BYTES, type JobId } from '@blindsum/proto';
import * as rpc from '@blindsum/proto/rpc';
import { createGrpcCoordinator } from '../rpc/grpc-coordinator.ts';
import { createGrpcTransfers } from '../rpc/grpc-transfers.ts';
import type { Channels } from '../rpc/channels.ts';
import { meterChannels } from './metered-channels.ts';
import { openActivity } from './open-activity.ts';
import { CALLS } from './sent-about.ts';

const { FederationService, JobService, RoundService, toServiceDefinition, UploadService } = rpc;
const REF = { job: 'mortality' as JobId, round: 3, attempt: 2 };
const MESSAGE = { payload: randomBytes(300), signature: randomBytes(64) };
const NOW_MS = 1_000;

type Reply = (error: object | null, value?: object) => void;

function answerEmpty(_: unknown, reply: Reply): void {
  reply(null, {});
}

const HANDLERS: Record<string, unknown> = {
  consent(_: unknown, reply: Reply) {
    const metadata = new Metadata();
    metadata.set('blindsum-code', 'NOT_A_MEMBER');
    reply({ code: status.PERMISSION_DENIED, details: 'no', metadata });
  },
  withdraw: (_: unknown, reply: Reply) => reply({ code: status.UNAVAILABLE, details: 'gone' }),
  upload(call: { on(event: string, take: (message: rpc.UploadRequest) => void): void }, reply: Reply) {
    let bytes = 0;
    call.on('data', ({ message }) => void (bytes += message.case === 'part' ? message.value.length : 0));
    call.on('end', () => reply(null, { committedOffset: BigInt(bytes) }));
  },
};

const directory = await mkdtemp(join(tmpdir(), 'blindsum-metered-'));
/** Bytes of each request that the server got, by method. */
const received: [string, number][] = [];
const server = await startServer();
const client = new Client(server.address, credentials.createInsecure());
const plain: Channels = {
  control: client,
  bulk: { use: (call) => call(client) },
  renew: () => undefined,
  close: () => client.close(),
};
const activity = openActivity(directory);
const channels = meterChannels(plain, { sent: activity.sent, nowMs: () => NOW_MS });
const coordinator = createGrpcCoordinator(channels.control);

after(async () => {
  channels.close();
  activity.close();
  server.stop();
  await rm(directory, { recursive: true });
});

async function startServer() {
  const grpc = new Server();
  for (const service of [FederationService, JobService, RoundService, UploadService]) {
    const definition = Object.entries(toServiceDefinition(service)).map(([name, method]) => {
      const requestDeserialize = (bytes: Buffer) => {
        received.push([name, bytes.length]);
        return method.requestDeserialize(bytes) as never;
      };
      return [name, { ...method, requestDeserialize }] as const;
    });
    grpc.addService(
      Object.fromEntries(definition),
      Object.fromEntries(definition.map(([name]) => [name, HANDLERS[name] ?? answerEmpty])) as never,
    );
  }
  const port = await new Promise<number>((resolve, reject) =>
    grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, stop: () => grpc.forceShutdown() };
}

function bytesReceived(method: string): number {
  return received.filter(([name]) => name === method).reduce((sum, [, bytes]) => sum + bytes, 0);
}

function totalOf(kind: string) {
  return activity.sent.totals().find((total) => total.kind === kind);
}

test('every call of every service has a kind, and nothing else has one', () => {
  const services = Object.values(rpc).filter(
    (value): value is typeof JobService => (value as { kind?: string } | undefined)?.kind === 'service',
  );
  const calls = services.flatMap(({ methods, name }) => methods.map((method) => `${name}/${method.name}`));
  assert.ok(calls.length >= 36);
  assert.deepEqual(calls.toSorted(), Object.keys(CALLS).toSorted());
});

test('a message is recorded with exactly the bytes that arrive, and with its attempt', async () => {
  await coordinator.send('attestation', REF, MESSAGE);
  await coordinator.send('attestation', REF, MESSAGE);
  const bytes = bytesReceived('attest');
  assert.ok(bytes > 2 * 364);
  const times = { times: 2, bytes, firstMs: NOW_MS, lastMs: NOW_MS };
  assert.deepEqual(totalOf('attestation'), { kind: 'attestation', ...REF, ...times });
});

test('questions are counted by job, and not by round', async () => {
  await coordinator.watch(REF.job, 0n, 0).catch(() => undefined);
  const { kind, job, round, times } = totalOf('question')!;
  assert.deepEqual([kind, job, round, times], ['question', REF.job, undefined, 1]);
});

test('an upload is recorded part by part, under what its header says', async () => {
  const path = join(directory, 'update.bin');
  await writeFile(path, randomBytes(2 * PART_BYTES + 100));
  await createGrpcTransfers(channels.bulk).upload(REF, 'ciphertext', path);
  const { bytes, times, round, attempt } = totalOf('ciphertext')!;
  assert.equal(bytes, bytesReceived('upload'));
  assert.ok(bytes > 2 * PART_BYTES + 100);
  assert.deepEqual([times, round, attempt], [1, REF.round, REF.attempt]);
});

test('what is recorded is on the disk before it arrives anywhere', async (t) => {
  const dead = new Client('127.0.0.1:1', credentials.createInsecure());
  t.after(() => dead.close());
  const nowhere = meterChannels({ ...plain, control: dead }, { sent: activity.sent, nowMs: () => 2_000 });
  await assert.rejects(createGrpcCoordinator(nowhere.control).send('opening', REF, MESSAGE), {
    code: 'UNAVAILABLE',
  });
  const other = openActivity(directory);
  t.after(() => other.close());
  assert.equal(other.sent.totals().find(({ kind }) => kind === 'opening')?.times, 1);
  const { failedMs, failure } = other.sent.contact();
  assert.equal(failedMs, 2_000);
  assert.match(failure!, /ECONNREFUSED/);
});

test('a refusal is an answer, and a coordinator that is not available is none', async () => {
  const at = (nowMs: number) =>
    createGrpcCoordinator(meterChannels(plain, { sent: activity.sent, nowMs: () => nowMs }).control);
  await assert.rejects(at(3_000).sendConsent(REF.job, MESSAGE), { code: 'NOT_A_MEMBER' });
  assert.equal(activity.sent.contact().answeredMs, 3_000);
  await assert.rejects(at(4_000).sendWithdrawal(REF.job, MESSAGE), { code: 'UNAVAILABLE' });
  const { answeredMs, failedMs } = activity.sent.contact();
  assert.deepEqual([answeredMs, failedMs], [3_000, 4_000]);
});

test('what cannot be recorded does not leave', async () => {
  const before = received.length;
  const full = {
    ...activity.sent,
    record: () => {
      throw new Error('disk full');
    },
  };
  const meter = { sent: full as never, nowMs: () => NOW_MS };
  await assert.rejects(
    createGrpcCoordinator(meterChannels(plain, meter).control).send('opening', REF, MESSAGE),
    /disk full/,
  );
  assert.equal(received.length, before);
});
