// Sends a file from where the coordinator has it (STACK.md 1.4): one message a part, never more in memory than the stream
// takes, and a new stream every few hundred megabytes so that no call lasts long.
import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import type { ClientWritableStream } from '@grpc/grpc-js';
import { PART_BYTES, Refusal, refuseUnless } from '@blindsum/proto';
import {
  BlobKind,
  toServiceDefinition,
  UploadService,
  type UploadRequest,
  type UploadResponse,
} from '@blindsum/proto/rpc';
import { tracedCall, traceMetadata } from '@blindsum/proto/tracing';
import type { Transfers, UploadKind } from '../ports.ts';
import type { BulkChannel, BulkClient } from './channels.ts';
import type { RoundReference } from '../session/round-snapshot.ts';
import { toRefusal } from './rpc-error.ts';
import { createUnaryCaller } from './unary-call.ts';

const SEGMENT_PARTS = 256;
/** For one segment: 256 MiB at 1 Mbit/s take 36 minutes. */
const SEGMENT_DEADLINE_MS = 45 * 60_000;
/** 16 parts may be on their way: at 1 Mbit/s one is taken every 8 s. */
const STALL_MS = 120_000;

const KINDS: Record<UploadKind, BlobKind> = {
  ciphertext: BlobKind.CIPHERTEXT,
  shares: BlobKind.SHARES,
  opening: BlobKind.OPENING,
  checkpoint: BlobKind.CHECKPOINT,
  model: BlobKind.MODEL,
};

export function createUploader(channel: BulkChannel): Transfers['upload'] {
  return async (ref, kind, path, onStart = () => undefined) => {
    const file = await open(path, 'r');
    try {
      const blob: Blob = { ref, kind: KINDS[kind], file, size: (await file.stat()).size };
      return await channel.use(async (client) => {
        const status = await createUnaryCaller(client, UploadService)('getUploadStatus', {
          ref,
          kind: blob.kind,
        });
        const offset = parseOffset(status.committedOffset, blob.size);
        onStart(offset);
        return sendRest(client, blob, offset);
      });
    } finally {
      await file.close();
    }
  };
}

interface Blob {
  readonly ref: RoundReference;
  readonly kind: BlobKind;
  readonly file: FileHandle;
  readonly size: number;
}

async function sendRest(client: BulkClient, blob: Blob, start: number): Promise<number> {
  let offset = start;
  while (offset < blob.size) {
    const { committedOffset } = await tracedCall('UploadService.Upload', () =>
      sendSegment(client, blob, offset),
    );
    const committed = parseOffset(committedOffset, blob.size);
    if (committed <= offset)
      throw new Refusal('UNAVAILABLE', `upload: the coordinator keeps nothing after byte ${offset}`);
    offset = committed;
  }
  return blob.size - start;
}

async function sendSegment(client: BulkClient, blob: Blob, offset: number): Promise<UploadResponse> {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(UploadService)['upload']!;
  const { promise, resolve, reject } = Promise.withResolvers<UploadResponse>();
  const ended = new AbortController();
  const stream = client.makeClientStreamRequest<object, UploadResponse>(
    path,
    requestSerialize,
    responseDeserialize,
    traceMetadata(),
    { deadline: Date.now() + SEGMENT_DEADLINE_MS },
    (error, response) => {
      // A stream that is over never drains.
      ended.abort();
      if (error) reject(toRefusal(error, 'upload'));
      else resolve(response!);
    },
  );
  const parts = writeParts(stream, messages(blob, offset), ended.signal);
  const [answer, written] = await Promise.allSettled([promise, parts]);
  if (written.status === 'rejected') throw written.reason;
  if (answer.status === 'rejected') throw answer.reason;
  return answer.value;
}

/** Ends early, without an error, once the call has ended. */
async function writeParts(
  stream: ClientWritableStream<object>,
  parts: AsyncIterable<object>,
  ended: AbortSignal,
): Promise<void> {
  try {
    for await (const part of parts) {
      if (ended.aborted) return;
      if (!stream.write(part)) await drained(stream, ended);
    }
    stream.end();
  } catch (error) {
    if (ended.aborted) return;
    stream.cancel();
    throw error;
  }
}

async function drained(stream: ClientWritableStream<object>, ended: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(STALL_MS);
  try {
    await once(stream, 'drain', { signal: AbortSignal.any([ended, timeout]) });
  } catch (cause) {
    throw new Refusal('UNAVAILABLE', `upload: nothing was taken for ${STALL_MS / 1000} s`, { cause });
  }
}

async function* messages(
  { ref, kind, file, size }: Blob,
  offset: number,
): AsyncGenerator<{ message: UploadMessage }> {
  const header = { ref, kind, size: BigInt(size), offset: BigInt(offset) };
  yield { message: { case: 'header', value: header as never } };
  const end = Math.min(size, offset + SEGMENT_PARTS * PART_BYTES);
  for (let at = offset; at < end; at += PART_BYTES) {
    // A buffer of its own for each part: grpc-js keeps it until it is sent.
    const value = new Uint8Array(Math.min(PART_BYTES, size - at));
    const { bytesRead } = await file.read(value, 0, value.length, at);
    if (bytesRead !== value.length) throw new Error('a file to upload became shorter');
    yield { message: { case: 'part', value } };
  }
}

type UploadMessage = UploadRequest['message'];

/** The committed offset: whole parts, or everything. */
function parseOffset(offset: bigint, size: number): number {
  const committed = Number(offset);
  const isPlace = committed === size || (committed < size && committed % PART_BYTES === 0);
  refuseUnless(
    isPlace,
    'MALFORMED',
    'upload: the coordinator names an offset that no upload of this size has',
  );
  return committed;
}
