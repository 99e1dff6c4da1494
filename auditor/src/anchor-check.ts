// Timestamps of the tree: each is of a tree that the log had before, and the authority's response is there as it was logged. The
// response itself is for a tool of the authority's kind to verify (`openssl ts -verify`).
import { isEqualBytes, parseHex, sha256, toHex, type Bytes } from '@blindsum/proto';
import { merkleRoot, toTimestampPath, type LogRecord, type Predicate } from '@blindsum/proto/tlog';
import type { Finding } from './finding.ts';
import type { LogReader } from './log-reader.ts';

/** An anchor and its place in the log. */
export interface LoggedAnchor {
  readonly entry: number;
  readonly anchor: Predicate<'anchor'>;
}

export function toAnchors(entry: number, { kind, predicate }: LogRecord): LoggedAnchor[] {
  return kind === 'anchor' ? [{ entry, anchor: predicate }] : [];
}

/** What is wrong with an anchor, given the hashes of all entries. Refuses UNAVAILABLE. */
export async function checkAnchor(
  reader: LogReader,
  { entry, anchor }: LoggedAnchor,
  entryHashes: readonly Bytes[],
): Promise<Finding[]> {
  const { size, root, token } = anchor;
  const about = `anchor of the tree of ${size} entries: `;
  if (size > entry)
    return [{ code: 'BAD_RECORD', entry, message: `${about}it is logged before that tree was there` }];
  const isRoot = isEqualBytes(merkleRoot(entryHashes.slice(0, size)), parseHex(root, 32, 'root'));
  if (!isRoot) return [{ code: 'ROOT_MISMATCH', entry, message: `${about}that tree has another root` }];
  const path = toTimestampPath(size);
  const response = await reader.read(path);
  if (!response) return [{ code: 'NOT_FOUND', entry, message: `${about}${path} is missing` }];
  const isToken = toHex(sha256(response)) === token;
  return isToken ? [] : [{ code: 'BAD_RECORD', entry, message: `${about}${path} was changed` }];
}
