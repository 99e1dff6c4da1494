// The copy of a log that auditors read, compared with the one that is about to grow: a log that is behind what it has published
// must not sign, because its next checkpoint would contradict one that others hold (AUDIT.md section 1, decision 9).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isEqualBytes, Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  appendLeaf,
  createMerkleFrontier,
  frontierRoot,
  hashLeaf,
  openCheckpoint,
  parseEntryBundle,
  TILE_WIDTH,
  toBundlePath,
  type Checkpoint,
  type NoteKey,
} from '@blindsum/proto/tlog';
import { isErrno } from '../log/durable-file.ts';

/** A log's files by path; undefined where there is none. */
export type ReadLogFile = (path: string) => Promise<Bytes | undefined>;

const TIMEOUT_MS = 20_000;
const MAX_FILE_BYTES = 32 << 20;

/** Reads a log by its folder or address (http:// or https://). What cannot be read is refused as UNAVAILABLE. */
export function openPublishedLog(source: string): ReadLogFile {
  return /^https?:\/\//i.test(source)
    ? (path) => fetchFile(source, path)
    : (path) => readFolderFile(source, path);
}

async function readFolderFile(folder: string, path: string): Promise<Bytes | undefined> {
  try {
    return new Uint8Array(await readFile(join(folder, path)));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function fetchFile(address: string, path: string): Promise<Bytes | undefined> {
  const url = new URL(path, address.endsWith('/') ? address : `${address}/`);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status === 404) return undefined;
    refuseUnless(response.ok, 'UNAVAILABLE', `${url.href}: HTTP status ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    refuseUnless(
      bytes.length <= MAX_FILE_BYTES,
      'UNAVAILABLE',
      `${url.href} is too long for a file of a log`,
    );
    return bytes;
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('UNAVAILABLE', `${url.href} cannot be read`, { cause });
  }
}

/** A log that is about to be served, as its own files have it. */
export interface OwnLog {
  readonly checkpoint: Pick<Checkpoint, 'size' | 'root'>;
  readonly read: ReadLogFile;
  readonly key: NoteKey;
}

/** Refuses as `verifyConsistent` does, and BAD_CHECKPOINT for a published copy that has more entries than our own. */
export async function verifyNotBehind(own: OwnLog, source: string): Promise<Checkpoint> {
  const published = await verifyConsistent(own, source);
  const { size } = own.checkpoint;
  if (published.size > size) throw isAhead(source, published.size, size);
  return published;
}

/**
 * Refuses BAD_CHECKPOINT if `source` holds a checkpoint of more entries than our own, or of others. Refuses MALFORMED, BAD_SIGNATURE or
 * BAD_CHECKPOINT for a note that is no checkpoint of this log.
 */
export async function verifyNoteNotBehind(own: OwnLog, note: Bytes, source: string): Promise<void> {
  const held = openCheckpoint(note, own.key, verifyEd25519);
  const { size, root } = own.checkpoint;
  if (held.size > size) throw isAhead(source, held.size, size);
  const ours = held.size === size ? root : await rootAt(own.read, size, held.size);
  refuseUnlessOne(ours, held, source);
}

/** What is said of a copy with more entries, in which something was decided. */
export function isAhead(source: string, theirs: bigint, ours: bigint): Refusal {
  return new Refusal(
    'BAD_CHECKPOINT',
    `${source} is ahead: it has ${theirs} entries, and here are ${ours}. What was decided since is not in this copy of the ` +
      'state, and signing would fork the log: use a newer backup, or the state directory that wrote those entries',
  );
}

/**
 * Returns the checkpoint of a published copy. Refuses BAD_CHECKPOINT unless one log begins with the other, UNAVAILABLE if it cannot
 * be read.
 */
export async function verifyConsistent(own: OwnLog, source: string): Promise<Checkpoint> {
  const read = openPublishedLog(source);
  const note = await read('checkpoint');
  if (!note) throw new Refusal('UNAVAILABLE', `${source} has no checkpoint: it is no copy of the log`);
  const published = openPublished(note, own.key, source);
  const { size, root } = own.checkpoint;
  const shared = published.size < size ? published.size : size;
  const ours = shared === size ? root : await rootAt(own.read, size, shared);
  const theirs = shared === published.size ? published.root : await rootAt(read, published.size, shared);
  refuseUnlessOne(ours, { size: shared, root: theirs }, source);
  return published;
}

function refuseUnlessOne(ours: Bytes, { size, root }: OwnLog['checkpoint'], source: string): void {
  refuseUnless(
    isEqualBytes(ours, root),
    'BAD_CHECKPOINT',
    `${source} is another log: its first ${size} entries are not ours. Keep both copies: one of them is forged or damaged`,
  );
}

function openPublished(note: Bytes, key: NoteKey, source: string): Checkpoint {
  try {
    return openCheckpoint(note, key, verifyEd25519);
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    throw new Refusal('BAD_CHECKPOINT', `${source} is not signed by the key of this log (${cause.detail})`, {
      cause,
    });
  }
}

/** Root of the first `count` entries of a log of `size`. Refuses UNAVAILABLE for entries that are missing. */
async function rootAt(read: ReadLogFile, size: bigint, count: bigint): Promise<Bytes> {
  const full = BigInt(TILE_WIDTH);
  let frontier = createMerkleFrontier();
  for (let index = 0n; index * full < count; index++) {
    const left = size - index * full;
    const width = Number(left < full ? left : full);
    const path = toBundlePath({ index, width });
    const bytes = await read(path);
    if (!bytes) throw new Refusal('UNAVAILABLE', `the log's file ${path} is missing`);
    for (const entry of parseEntryBundle(bytes, width))
      if (frontier.size < count) frontier = appendLeaf(frontier, hashLeaf(entry));
  }
  return frontierRoot(frontier);
}
