// What the log's keys make of records and trees: entries, checkpoints, and the charter, which names the keys.
import { encodeBase64, toDigestBytes, utf8, type Bytes } from '@blindsum/proto';
import { verifyP256 } from '@blindsum/proto/node';
import { encodeLeaf, frontierRoot, parseLeaf, signCheckpoint, verifyRecord } from '@blindsum/proto/tlog';
import type { LogKeys } from './log-keys.ts';
import type { LogState } from './log-state.ts';
import type { ArchivedRecord } from './record-archive.ts';

/** The entry of an archived record. Refuses as verifyRecord does. */
export function toEntry({ digest, envelope }: ArchivedRecord, { publicKeySpki }: LogKeys['record']): Bytes {
  const { signature } = envelope;
  const entry = encodeLeaf({ paeDigest: toDigestBytes(digest), signature, publicKeySpki });
  verifyRecord({ envelope, leaf: parseLeaf(entry), verify: verifyP256 });
  return entry;
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
