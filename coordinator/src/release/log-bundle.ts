// An entry of the log as others verify it: the signed record, the entry, and the proof that a checkpoint covers it. From the log's
// files, as whoever reads the log could do.
import { parseUtf8, refuseUnless, utf8, type Bytes } from '@blindsum/proto';
import { encodeBundle, toKeyHint, toLogId } from '@blindsum/proto/provenance';
import {
  createTileReader,
  parseCheckpoint,
  parseEntryBundle,
  parseLeaf,
  parseNote,
  parseVkey,
  TILE_WIDTH,
  toBundlePath,
  toTilePath,
} from '@blindsum/proto/tlog';
import type { Admitted } from '../log/log-state.ts';
import type { LogStore } from '../log/log-store.ts';
import { readRecord } from '../log/record-archive.ts';

type Files = Pick<LogStore, 'read'>;

/** The Sigstore bundle of the record at `index`, with the latest checkpoint. Throws an Error for a log that lacks one of its files. */
export async function createLogBundle(
  files: Files,
  { index, record }: Admitted,
  vkey: string,
): Promise<Bytes> {
  const checkpoint = parseUtf8(await mustRead(files, 'checkpoint'), 'checkpoint');
  const head = parseCheckpoint(parseNote(utf8(checkpoint)).text);
  const { proof } = await createTileReader(head, (tile) => files.read(toTilePath(tile))).inclusion(
    BigInt(index),
  );
  const leaf = await readEntry(files, BigInt(index), head.size);
  const { envelope } = await readRecord(files, record);
  return encodeBundle({
    keyHint: toKeyHint(parseLeaf(leaf).publicKeySpki),
    envelope,
    entry: { index: BigInt(index), logId: toLogId(parseVkey(vkey)), leaf, proof, checkpoint },
  });
}

async function readEntry(files: Files, index: bigint, size: bigint): Promise<Bytes> {
  const width = BigInt(TILE_WIDTH);
  const bundle = index / width;
  const left = size - bundle * width;
  const id = { index: bundle, width: Number(left < width ? left : width) };
  const entries = parseEntryBundle(await mustRead(files, toBundlePath(id)), id.width);
  return entries[Number(index % width)]!;
}

async function mustRead(files: Files, path: string): Promise<Bytes> {
  const bytes = await files.read(path);
  refuseUnless(bytes !== undefined, 'NOT_FOUND', `the log's file ${path} is missing`);
  return bytes;
}
