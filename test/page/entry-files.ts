// Files about one entry of a log of at most 256 entries: its record, and what proves that it is in the log.
import { parseUtf8, toHex, utf8, type Bytes } from '@blindsum/proto';
import { toKeyHint, toLogId, type SigstoreBundle } from '@blindsum/proto/provenance';
import {
  encodeTlogProof,
  hashLeaf,
  inclusionProof,
  parseCheckpoint,
  parseEntryBundle,
  parseEnvelope,
  parseLeaf,
  parseNote,
  parseVkey,
  toBundlePath,
} from '@blindsum/proto/tlog';

/** A log's files by their paths. */
export interface LogFiles {
  read(path: string): Bytes;
}

/** Files about entry `index`, under the log's checkpoint or another one of the same tree. */
export function entryFiles(log: LogFiles, index: number, checkpoint = textOf(log, 'checkpoint')) {
  const leaves = leavesOf(log);
  const leaf = leaves[index]!;
  const { paeDigest, publicKeySpki } = parseLeaf(leaf);
  const record = log.read(`records/${toHex(paeDigest)}.json`);
  const proof = inclusionProof(leaves.map(hashLeaf), index);
  const logId = toLogId(parseVkey(textOf(log, 'log.vkey').trim()));
  const entry = { index: BigInt(index), logId, leaf, proof, checkpoint };
  const keyHint = toKeyHint(publicKeySpki);
  const bundle = { keyHint, envelope: parseEnvelope(record), entry } satisfies SigstoreBundle;
  const proofFile = encodeTlogProof({ index: BigInt(index), hashes: proof, checkpoint });
  return { bundle, record, proof: utf8(proofFile) };
}

/** Every entry, in order. */
export function leavesOf(log: LogFiles): Bytes[] {
  const width = Number(parseCheckpoint(parseNote(log.read('checkpoint')).text).size);
  return parseEntryBundle(log.read(toBundlePath({ index: 0n, width })), width);
}

function textOf(log: LogFiles, path: string): string {
  return parseUtf8(log.read(path), path);
}
