// Fetches ciphertexts, checkpoints and sealed records. Every length is checked as it arrives: the sender chooses what it sends, not how
// much of it is kept.
import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import type { ClientReadableStream } from '@grpc/grpc-js';
import {
  DIGEST_BYTES,
  PART_BYTES,
  parseSiteId,
  Refusal,
  refuseUnless,
  SEALED_SHARE_BYTES,
} from '@blindsum/proto';
import { DownloadService, toServiceDefinition, type Part, type SealedRecord } from '@blindsum/proto/rpc';
import { tracedCall, traceMetadata } from '@blindsum/proto/tracing';
import type { DownloadSource, DownloadTarget, SealedRecord as SiteRecord, Transfers } from '../ports.ts';
import type { RoundReference } from '../session/round-snapshot.ts';
import type { BulkChannel, BulkClient } from './channels.ts';
import { toRefusal } from './rpc-error.ts';

const DEADLINE_MS = 60 * 60_000;
const RECORDS_DEADLINE_MS = 5 * 60_000;
/** A part takes 8 s at 1 Mbit/s. A coordinator that keeps the connection alive but sends nothing must not hold a site up. */
const STALL_MS = 120_000;
/** Height of a tree over the largest roster. */
const MAX_PROOF_HASHES = 10;

type Method = keyof typeof DownloadService.method;

const METHODS: Record<DownloadSource['kind'], Method> = {
  sum: 'downloadSum',
  contribution: 'downloadContribution',
  checkpoint: 'downloadCheckpoint',
};
const RECORDS: Record<RecordQuery['kind'], Method> = {
  shares: 'downloadShares',
  openings: 'downloadOpenings',
};

/** Of the span of a call: the same at both ends. */
function nameOf(method: Method): string {
  return `DownloadService.${DownloadService.method[method].name}`;
}

export function createDownloader(channel: BulkChannel, stallMs = STALL_MS): Transfers['download'] {
  return async (ref, source, target) => {
    if (await isComplete(target)) return;
    const partial = `${target.path}.partial`;
    const file = await open(partial, 'a+', 0o600);
    try {
      const fetch = { ref, source, target, file, stallMs };
      await channel.use((client) => tracedCall(nameOf(METHODS[source.kind]), () => fetchRest(client, fetch)));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, target.path);
  };
}

interface Fetch {
  readonly ref: RoundReference;
  readonly source: DownloadSource;
  readonly target: DownloadTarget;
  readonly file: FileHandle;
  readonly stallMs: number;
}

async function fetchRest(client: BulkClient, { ref, source, target, file, stallMs }: Fetch): Promise<void> {
  const parts = Math.ceil(target.bytes / PART_BYTES);
  // A part that a crash cut short is fetched again.
  let next = Math.floor((await file.stat()).size / PART_BYTES);
  await file.truncate(next * PART_BYTES);
  if (next === parts) return;
  const from = { ref, firstPart: next };
  const request = source.kind === 'sum' ? from : { ...from, site: source.site };
  const stream = openStream<Part>(client, METHODS[source.kind], request, DEADLINE_MS);
  await eachMessage(stream, { what: source.kind, stallMs }, async ({ index, data }) => {
    refuseUnless(index === next && next < parts, 'PART_OUT_OF_ORDER', `download: part ${index}, not ${next}`);
    const expected = Math.min(PART_BYTES, target.bytes - index * PART_BYTES);
    refuseUnless(
      data.length === expected,
      'PART_BAD_LENGTH',
      `download: part ${index} has ${data.length} bytes`,
    );
    await file.appendFile(data);
    next++;
  });
  if (next < parts) throw new Refusal('UNAVAILABLE', `download: only ${next} parts arrived`);
}

export function createRecordReader(channel: BulkChannel): Transfers['records'] {
  return (ref, kind, limit) =>
    channel.use((client) =>
      tracedCall(nameOf(RECORDS[kind]), () => readRecords(client, { ref, kind, limit })),
    );
}

interface RecordQuery {
  readonly ref: RoundReference;
  readonly kind: 'shares' | 'openings';
  readonly limit: number;
}

async function readRecords(client: BulkClient, { ref, kind, limit }: RecordQuery): Promise<SiteRecord[]> {
  const stream = openStream<SealedRecord>(client, RECORDS[kind], { ref }, RECORDS_DEADLINE_MS);
  const records: SiteRecord[] = [];
  await eachMessage(stream, { what: kind, stallMs: STALL_MS }, async ({ site, sealed, proof }) => {
    refuseUnless(records.length < limit, 'MALFORMED', `${kind}: more than ${limit} records`);
    refuseUnless(
      sealed.length === SEALED_SHARE_BYTES,
      'MALFORMED',
      `${kind}: a record of ${sealed.length} bytes`,
    );
    const isProof = proof.length <= MAX_PROOF_HASHES && proof.every((hash) => hash.length === DIGEST_BYTES);
    refuseUnless(isProof, 'MALFORMED', `${kind}: an inclusion proof`);
    records.push({ site: parseSiteId(site), sealed, proof });
  });
  return records;
}

function openStream<T>(
  client: BulkClient,
  method: Method,
  request: object,
  deadlineMs: number,
): ClientReadableStream<T> {
  const { path, requestSerialize, responseDeserialize } = toServiceDefinition(DownloadService)[method]!;
  return client.makeServerStreamRequest<object, T>(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    traceMetadata(),
    {
      deadline: Date.now() + deadlineMs,
    },
  );
}

/** Takes messages one at a time, which holds the sender back; whatever is wrong, or too long a silence, ends the call. */
async function eachMessage<T>(
  stream: ClientReadableStream<T>,
  { what, stallMs }: { readonly what: string; readonly stallMs: number },
  take: (message: T) => Promise<void>,
): Promise<void> {
  const silence = new Refusal('UNAVAILABLE', `download of ${what}: nothing arrived for ${stallMs / 1000} s`);
  const stall = setTimeout(() => stream.destroy(silence), stallMs);
  try {
    for await (const message of stream) {
      await take(message as T);
      stall.refresh();
    }
  } catch (error) {
    stream.cancel();
    // What is cancelled fails once more, after nobody listens.
    stream.on('error', () => undefined);
    throw toRefusal(error, `download of ${what}`);
  } finally {
    clearTimeout(stall);
  }
}

async function isComplete({ path, bytes }: DownloadTarget): Promise<boolean> {
  return stat(path).then(
    ({ size }) => size === bytes,
    () => false,
  );
}
