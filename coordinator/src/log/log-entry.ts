// What the log's keys make of records and trees: entries and checkpoints.
import { toDigestBytes, utf8, type Bytes } from '@blindsum/proto';
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
