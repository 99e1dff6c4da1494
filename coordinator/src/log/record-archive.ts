// Record bodies beside the log, and the order in which they enter it. Both are written once and never changed.
import { parseDigest, parseUtf8, utf8, type Bytes, type Digest } from '@blindsum/proto';
import {
  encodeEnvelope,
  IN_TOTO_PAYLOAD_TYPE,
  parseEnvelope,
  parseRecord,
  recordDigest,
  toPae,
  type Envelope,
  type LogRecord,
} from '@blindsum/proto/tlog';
import type { P256Signer } from '@blindsum/proto/node';
import type { LogStore } from './log-store.ts';

/** An envelope that is on disk, and the record in it. */
export interface ArchivedRecord {
  readonly digest: Digest;
  readonly envelope: Envelope;
  readonly record: LogRecord;
}

/** Signs the payload and keeps it. A body that is there already stays: its signature may be in the log. */
export async function archiveRecord(
  store: LogStore,
  payload: Bytes,
  signer: P256Signer,
): Promise<ArchivedRecord> {
  const digest = recordDigest(payload);
  const found = await findRecord(store, digest);
  if (found) return found;
  const envelope = { payload, signature: signer.sign(toPae(IN_TOTO_PAYLOAD_TYPE, payload)) };
  const isOurs = await store.create(toRecordPath(digest), encodeEnvelope(envelope));
  return isOurs ? { digest, envelope, record: parseRecord(payload) } : readRecord(store, digest);
}

/** The archived record; throws an Error when it is missing or is not what its name says. */
export async function readRecord(store: Pick<LogStore, 'read'>, digest: Digest): Promise<ArchivedRecord> {
  const found = await findRecord(store, digest);
  if (!found) throw new Error(`the log's file ${toRecordPath(digest)} is missing`);
  return found;
}

/** The same, or undefined when the body is missing. */
export async function findRecord(
  store: Pick<LogStore, 'read'>,
  digest: Digest,
): Promise<ArchivedRecord | undefined> {
  const bytes = await store.read(toRecordPath(digest));
  if (bytes === undefined) return undefined;
  const envelope = parseEnvelope(bytes);
  if (recordDigest(envelope.payload) !== digest)
    throw new Error(`the log's file ${toRecordPath(digest)} was changed`);
  return { digest, envelope, record: parseRecord(envelope.payload) };
}

/**
 * Gives entry `index` to a record, for good: this is the moment at which the record is in the log. Returns false if the
 * entry has one. No two trees of one size can therefore ever be signed, whatever crashes or runs twice.
 */
export function assignEntry(store: LogStore, index: number, digest: Digest): Promise<boolean> {
  return store.create(toSequencePath(index), utf8(`${digest}\n`));
}

/** The record that entry `index` was given to, if any. */
export async function readAssignment(store: LogStore, index: number): Promise<Digest | undefined> {
  const bytes = await store.read(toSequencePath(index));
  return bytes && parseDigest(parseUtf8(bytes, toSequencePath(index)).trimEnd(), toSequencePath(index));
}

/** True if the body of the record is there. */
export async function hasBody(store: Pick<LogStore, 'read'>, digest: Digest): Promise<boolean> {
  return (await store.read(toRecordPath(digest))) !== undefined;
}

/** Removes the body of a record, if it is there. */
export function removeBody(store: LogStore, digest: Digest): Promise<void> {
  return store.remove(toRecordPath(digest));
}

function toRecordPath(digest: Digest): string {
  return `records/${digest}.json`;
}

function toSequencePath(index: number): string {
  return `sequence/${index}`;
}
