// What the log's keys make of records and trees: entries, checkpoints, and the charter, which names the keys.
import { encodeBase64, toDigestBytes, utf8, type Bytes, type Digest } from '@blindsum/proto';
import { verifyP256 } from '@blindsum/proto/node';
import {
  encodeLeaf,
  frontierRoot,
  parseLeaf,
  signCheckpoint,
  verifyRecord,
  type LogRecord,
} from '@blindsum/proto/tlog';
import type { LogKeys } from './log-keys.ts';
import type { LogState } from './log-state.ts';
import type { LogStore } from './log-store.ts';
import { readRecord } from './record-archive.ts';

/** An archived record and its entry. Throws an Error when it is missing or was changed, or refuses as verifyRecord does. */
export async function readEntry(
  store: Pick<LogStore, 'read'>,
  digest: Digest,
  { publicKeySpki }: LogKeys['record'],
): Promise<{ readonly record: LogRecord; readonly entry: Bytes }> {
  const { envelope, record } = await readRecord(store, digest);
  const { signature } = envelope;
  const entry = encodeLeaf({ paeDigest: toDigestBytes(digest), signature, publicKeySpki });
  verifyRecord({ envelope, leaf: parseLeaf(entry), verify: verifyP256 });
  return { record, entry };
}

/** The signed checkpoint of the tree. */
export function encodeSignedTree({ edge }: LogState, { key, sign }: LogKeys['checkpoint']): Bytes {
  const { frontier } = edge;
  const tree = { origin: key.name, size: frontier.size, root: frontierRoot(frontier) };
  return utf8(signCheckpoint(tree, key, sign));
}

/** What the first record of a log says. */
export function createCharter({ checkpoint, record }: LogKeys): object {
  const { name } = checkpoint.key;
  return {
    federation: name,
    origin: name,
    protocol: 'blindsum/v1',
    parameterSet: 'bs1',
    recordKey: encodeBase64(record.publicKeySpki),
  };
}
