// Bundles of single records of a log, for verifiers that are handed one record and nothing else.
import { parseUtf8, toHex, type Bytes, type Digest } from '@blindsum/proto';
import { encodeBundle, toKeyHint, toLogId } from '@blindsum/proto/provenance';
import {
  createTileReader,
  parseCheckpoint,
  parseLeaf,
  parseLogVkey,
  parseNote,
  toTilePath,
  type Envelope,
} from '@blindsum/proto/tlog';
import type { PinnedLog } from '../pinned-log-reader.ts';
import { readEntries } from '../tree-check.ts';

/** A file of an export. */
export interface ExportedFile {
  readonly path: string;
  readonly bytes: Bytes;
}

/**
 * `bundles/<index>.sigstore.json` of each of `records`, by digest, in a log that was found to be in order under `vkey`. Refuses what
 * its tiles are refused for.
 */
export async function* toRecordBundles(
  { reader, note }: PinnedLog,
  vkey: string,
  records: ReadonlyMap<Digest, Envelope>,
): AsyncGenerator<ExportedFile> {
  const head = parseCheckpoint(parseNote(note).text);
  const tiles = createTileReader(head, (tile) => reader.read(toTilePath(tile)));
  const checkpoint = parseUtf8(note, 'checkpoint');
  const logId = toLogId(parseLogVkey(vkey));
  let index = 0n;
  for await (const leaf of readEntries(reader, head.size)) {
    const { paeDigest, publicKeySpki } = parseLeaf(leaf);
    const envelope = records.get(toHex(paeDigest) as Digest);
    if (envelope) {
      const { proof } = await tiles.inclusion(index);
      const entry = { index, logId, leaf, proof, checkpoint };
      const bytes = encodeBundle({ keyHint: toKeyHint(publicKeySpki), envelope, entry });
      yield { path: `bundles/${index}.sigstore.json`, bytes };
    }
    index++;
  }
}
