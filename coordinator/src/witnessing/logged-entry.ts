// An entry of the log with what proves it, for those who do not want to read tiles.
import { isEqualBytes, parseUtf8, Refusal, toHex, type Bytes, type Digest } from '@blindsum/proto';
import { encodeBundle, toKeyHint, toLogId } from '@blindsum/proto/provenance';
import {
  createTileReader,
  encodeTlogProof,
  hashLeaf,
  parseEntryBundle,
  parseLeaf,
  TILE_WIDTH,
  toBundlePath,
  toTilePath,
  type NoteKey,
} from '@blindsum/proto/tlog';
import type { LogStore } from '../log/log-store.ts';
import { findRecord } from '../log/record-archive.ts';
import type { PublishedCheckpoint } from './cosigned-checkpoints.ts';

type Files = Pick<LogStore, 'read'>;

/** An entry, and its inclusion in a checkpoint that was published. */
export interface LoggedEntry {
  readonly index: number;
  /** The entry's bytes (encodeLeaf). */
  readonly leaf: Bytes;
  readonly proof: readonly Bytes[];
  readonly checkpoint: PublishedCheckpoint;
}

/** Entry `index` of the log whose files these are; `checkpoint` covers it. Throws an Error for damaged files. */
export async function readLoggedEntry(
  files: Files,
  index: number,
  checkpoint: PublishedCheckpoint,
): Promise<LoggedEntry> {
  const size = BigInt(checkpoint.size);
  const leaf = await readEntry(files, index, checkpoint.size);
  const tiles = createTileReader({ size, root: checkpoint.root }, (tile) => files.read(toTilePath(tile)));
  const { leafHash, proof } = await tiles.inclusion(BigInt(index));
  if (!isEqualBytes(leafHash, hashLeaf(leaf))) throw new Error(`entry ${index} of the log is damaged`);
  return { index, leaf, proof, checkpoint };
}

/** The `.tlog-proof` of an entry. */
export function toEntryProof({ index, proof, checkpoint }: LoggedEntry): string {
  const note = parseUtf8(checkpoint.note, 'checkpoint');
  return encodeTlogProof({ index: BigInt(index), hashes: proof, checkpoint: note });
}

/** The Sigstore bundle of the entry's record; refuses NOT_FOUND for one that was erased. */
export async function toEntryBundle(files: Files, logKey: NoteKey, entry: LoggedEntry): Promise<Bytes> {
  const { index, leaf, proof, checkpoint } = entry;
  const { paeDigest, publicKeySpki } = parseLeaf(leaf);
  const digest = toHex(paeDigest) as Digest;
  const record = await findRecord(files, digest);
  if (!record) throw new Refusal('NOT_FOUND', `the record ${digest} of entry ${index} was erased`);
  const bundled = { index: BigInt(index), logId: toLogId(logKey), leaf, proof };
  return encodeBundle({
    keyHint: toKeyHint(publicKeySpki),
    envelope: record.envelope,
    entry: { ...bundled, checkpoint: parseUtf8(checkpoint.note, 'checkpoint') },
  });
}

async function readEntry(files: Files, index: number, size: number): Promise<Bytes> {
  const bundle = Math.floor(index / TILE_WIDTH);
  const width = Math.min(size - bundle * TILE_WIDTH, TILE_WIDTH);
  const path = toBundlePath({ index: BigInt(bundle), width });
  const bytes = await files.read(path);
  const entry = bytes && parseEntryBundle(bytes, width)[index % TILE_WIDTH];
  if (!entry) throw new Error(`the log's file ${path} is missing`);
  return entry;
}
