// The client against a small server in this process, over mutual TLS on loopback.
import assert from 'node:assert/strict';
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { CHUNK_BYTES, PART_BYTES, SEALED_SHARE_BYTES, type JobId, type SiteId } from '@blindsum/proto';
import {
  DownloadService,
  JobService,
  JobState,
  RoundService,
  toServiceDefinition,
  UploadService,
} from '@blindsum/proto/rpc';
import { x509 } from '../identity/x509.ts';
import { openChannels } from './channels.ts';
import { createDownloader } from './download.ts';
import { createGrpcCoordinator } from './grpc-coordinator.ts';
import { createGrpcTransfers } from './grpc-transfers.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const directory = await mkdtemp(join(tmpdir(), 'blindsum-rpc-'));
const REF = { job: 'test-job' as JobId, round: 1, attempt: 1 };

async function createIdentity() {
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm: P256,
    extensions: [
      new x509.BasicConstraintsExtension(true),
      new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const pem = certificate.toString('pem');
  return { certificate: pem, caCertificate: pem, privateKey: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}

interface UnaryCall {
  readonly request: never;
  on(event: 'cancelled', listener: () => void): unknown;
}
type Unary = (call: UnaryCall, reply: (error: object | null, value?: object) => void) => void;
type Readable = {
  on(event: 'data', take: (message: UploadMessage) => void): Readable;
  on(event: 'end', take: () => void): Readable;
};
type Writable = { request: { firstPart: number }; write(message: object): void; end(): void };
interface UploadMessage {
  message: { case: string; value: { offset: bigint; size: bigint; length: number } & Uint8Array };
}

/** What the server does; each test sets what it needs. */
const behaviour: {
  unary: Record<string, Unary>;
  upload: (call: Readable, reply: (error: object | null, value?: object) => void) => void;
  download: (call: Writable) => void;
} = { unary: {}, upload: () => undefined, download: () => undefined };

const identity = await createIdentity();
const server = new Server();
for (const service of [JobService, RoundService, UploadService, DownloadService]) {
  const definition = toServiceDefinition(service);
  const handlers = Object.entries(definition).map(([name, { requestStream, responseStream }]) => {
    if (requestStream) return [name, (call: Readable, reply: never) => behaviour.upload(call, reply)];
    if (responseStream) return [name, (call: Writable) => behaviour.download(call)];
    return [name, (call: never, reply: never) => behaviour.unary[name]!(call, reply)];
  });
  server.addService(definition, Object.fromEntries(handlers) as never);
}
const pair = { private_key: Buffer.from(identity.privateKey), cert_chain: Buffer.from(identity.certificate) };
const credentials = ServerCredentials.createSsl(Buffer.from(identity.caCertificate), [pair], true);
const port = await new Promise<number>((resolve, reject) =>
  server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
);
const channels = openChannels(`127.0.0.1:${port}`, identity);
const coordinator = createGrpcCoordinator(channels.control);
const transfers = createGrpcTransfers(channels.bulk);

after(async () => {
  channels.close();
  server.forceShutdown();
  await rm(directory, { recursive: true });
});
beforeEach(() => Object.assign(behaviour, { unary: {} }));

function refusing(code: string, grpc: status): Unary {
  const metadata = new Metadata();
  metadata.set('blindsum-code', code);
  return (_, reply) => reply({ code: grpc, details: 'because\u001b[2J', metadata });
}

test('a snapshot arrives, and a refusal arrives with its code', async () => {
  behaviour.unary['watchRound'] = (_, reply) => reply(null, { version: 3n, jobState: JobState.JOINING });
  assert.deepEqual(await coordinator.watch(REF.job, 2n, 0), { version: 3n, state: 'joining' });
  behaviour.unary['watchRound'] = refusing('NOT_FOUND', status.NOT_FOUND);
  await assert.rejects(coordinator.watch(REF.job, 0n, 0), {
    name: 'Refusal',
    code: 'NOT_FOUND',
    detail: 'the coordinator refuses watchRound: because [2J',
  });
});

test('a wait that its caller ends is over at once, also on the wire', async () => {
  const arrived = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<void>();
  behaviour.unary['watchRound'] = (call) => {
    arrived.resolve();
    call.on('cancelled', () => cancelled.resolve());
  };
  const stop = new AbortController();
  const waiting = coordinator.watch(REF.job, 0n, 25_000, stop.signal);
  await arrived.promise;
  stop.abort();
  await assert.rejects(waiting, { code: 'UNAVAILABLE' });
  await cancelled.promise;
  await assert.rejects(coordinator.watch(REF.job, 0n, 25_000, stop.signal), { code: 'UNAVAILABLE' });
});

test('an unknown code, or none, means that the coordinator is not available', async () => {
  behaviour.unary['listJobs'] = refusing('SOMETHING', status.INTERNAL);
  await assert.rejects(coordinator.listJobs(), { code: 'UNAVAILABLE', detail: /^listJobs: INTERNAL/ });
  behaviour.unary['listJobs'] = (_, reply) => reply({ code: status.PERMISSION_DENIED, details: 'no' });
  await assert.rejects(coordinator.listJobs(), { code: 'UNAVAILABLE' });
});

test('an address where nobody listens, and a server of another authority, are not available', async () => {
  const stranger = openChannels(`127.0.0.1:${port}`, await createIdentity());
  const nobody = openChannels('127.0.0.1:1', identity);
  for (const other of [stranger, nobody]) {
    await assert.rejects(createGrpcCoordinator(other.control).listJobs(), {
      code: 'UNAVAILABLE',
      detail: /^listJobs: (?!UNAVAILABLE)/,
    });
    other.close();
  }
});

/** Keeps an upload as a coordinator would, and breaks the first stream after `breakAfter` parts. */
function keepUploads(kept: Buffer[], breakAfter = Infinity) {
  const headers: bigint[] = [];
  const size = () => BigInt(Buffer.concat(kept).length);
  behaviour.unary['getUploadStatus'] = (_, reply) => reply(null, { committedOffset: size() });
  behaviour.upload = (call, reply) => {
    let parts = 0;
    let isBroken = false;
    call.on('data', ({ message }) => {
      if (message.case === 'header') return void headers.push(message.value.offset);
      if (headers.length === 1 && ++parts > breakAfter) {
        if (!isBroken) reply({ code: status.UNAVAILABLE, details: 'gone' });
        isBroken = true;
        return;
      }
      kept.push(Buffer.from(message.value));
    });
    call.on('end', () => isBroken || reply(null, { committedOffset: size() }));
  };
  return headers;
}

test('an upload that breaks off goes on where it stopped, and a finished one is not sent again', async () => {
  const bytes = randomBytes(6 * PART_BYTES + 100);
  const path = join(directory, 'upload.bin');
  await writeFile(path, bytes);
  const kept: Buffer[] = [];
  const headers = keepUploads(kept, 2);
  await assert.rejects(transfers.upload(REF, 'ciphertext', path), { code: 'UNAVAILABLE' });
  const starts: number[] = [];
  const onStart = (offset: number) => starts.push(offset);
  assert.equal(await transfers.upload(REF, 'ciphertext', path, onStart), 4 * PART_BYTES + 100);
  assert.deepEqual(starts, [2 * PART_BYTES]);
  assert.ok(Buffer.concat(kept).equals(bytes));
  assert.deepEqual(headers, [0n, BigInt(2 * PART_BYTES)]);
  assert.equal(await transfers.upload(REF, 'ciphertext', path), 0);
  assert.equal(headers.length, 2);
});

test('an offset that no upload has is malformed', async () => {
  const path = join(directory, 'small.bin');
  await writeFile(path, randomBytes(1000));
  behaviour.unary['getUploadStatus'] = (_, reply) => reply(null, { committedOffset: 999n });
  await assert.rejects(transfers.upload(REF, 'shares', path), { code: 'MALFORMED' });
});

function sendParts(parts: readonly Buffer[], shift = 0) {
  behaviour.download = (call) => {
    const { firstPart } = call.request;
    parts.slice(firstPart).forEach((data, i) => call.write({ index: firstPart + i + shift, data }));
    call.end();
  };
}

test('a download is resumed, and is there as a whole or not at all', async () => {
  const parts = [randomBytes(PART_BYTES), randomBytes(PART_BYTES), randomBytes(CHUNK_BYTES)];
  const target = { path: join(directory, 'sum.bin'), bytes: 65 * CHUNK_BYTES };
  sendParts(parts.slice(0, 1));
  await assert.rejects(transfers.download(REF, { kind: 'sum' }, target), { code: 'UNAVAILABLE' });
  await assert.rejects(readFile(target.path));
  sendParts(parts);
  await transfers.download(REF, { kind: 'sum' }, target);
  assert.ok((await readFile(target.path)).equals(Buffer.concat(parts)));
  behaviour.download = () => assert.fail('a complete file is not fetched again');
  await transfers.download(REF, { kind: 'sum' }, target);
});

test('a coordinator that stops sending in the middle is not waited for, and the rest is fetched later', async () => {
  const parts = [randomBytes(PART_BYTES), randomBytes(CHUNK_BYTES)];
  const target = { path: join(directory, 'stalled.bin'), bytes: 33 * CHUNK_BYTES };
  behaviour.download = (call) => call.write({ index: 0, data: parts[0] });
  await assert.rejects(createDownloader(channels.bulk, 200)(REF, { kind: 'sum' }, target), {
    code: 'UNAVAILABLE',
    detail: 'download of sum: nothing arrived for 0.2 s',
  });
  sendParts(parts);
  await transfers.download(REF, { kind: 'sum' }, target);
  assert.ok((await readFile(target.path)).equals(Buffer.concat(parts)));
});

test('parts that are too long, out of order or too many are refused', async () => {
  const source = { kind: 'contribution', site: 'hospital-b' as SiteId } as const;
  const chunk = randomBytes(CHUNK_BYTES);
  const bad: [string, Buffer[], number][] = [
    ['PART_BAD_LENGTH', [randomBytes(CHUNK_BYTES + 1)], 0],
    ['PART_BAD_LENGTH', [randomBytes(PART_BYTES)], 0],
    ['PART_OUT_OF_ORDER', [chunk], 1],
    ['PART_OUT_OF_ORDER', [chunk, chunk], 0],
  ];
  for (const [i, [code, parts, shift]] of bad.entries()) {
    sendParts(parts, shift);
    const target = { path: join(directory, `bad-${i}.bin`), bytes: CHUNK_BYTES };
    await assert.rejects(transfers.download(REF, source, target), { code });
  }
});

test('sealed records are limited in number and length', async () => {
  const sealed = randomBytes(SEALED_SHARE_BYTES);
  const record = { site: 'hospital-b', sealed, proof: [randomBytes(32)] };
  const send = (...records: object[]) => {
    behaviour.download = (call) => {
      for (const message of records) call.write(message);
      call.end();
    };
    return transfers.records(REF, 'shares', 2);
  };
  const [first] = await send(record, record);
  assert.deepEqual(
    [first?.site, first?.sealed.length, first?.proof.length],
    ['hospital-b', sealed.length, 1],
  );
  const bad = [
    [record, record, record],
    [{ ...record, sealed: sealed.subarray(1) }],
    [{ ...record, proof: [randomBytes(31)] }],
    [{ ...record, site: 'Hospital B' }],
  ];
  for (const records of bad) await assert.rejects(send(...records), { code: 'MALFORMED' });
});
