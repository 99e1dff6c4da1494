// The right edge of a growing Merkle tree (RFC 9162 section 2.1.2): the roots of its perfect subtrees, largest first.
// Appending a leaf needs nothing else, so a stream of any length is hashed in memory of 32 bytes per bit of its length.
import type { Bytes } from '../bytes.ts';
import { EMPTY_ROOT, hashNode } from './merkle.ts';

/** An immutable value: appending gives a new one, so a failed write can be repeated from the old one. */
export interface MerkleFrontier {
  /** Number of leaves, 0 <= size < 2^64. */
  readonly size: bigint;
  /** One root per 1-bit of `size`, highest bit first. */
  readonly subtreeRoots: readonly Bytes[];
}

/** The frontier of the tree without leaves. */
export function createMerkleFrontier(): MerkleFrontier {
  return { size: 0n, subtreeRoots: [] };
}

/** The frontier after one more leaf; `leafHash` is hashLeaf(entry), 32 bytes. */
export function appendLeaf(frontier: MerkleFrontier, leafHash: Bytes): MerkleFrontier {
  const subtreeRoots = [...frontier.subtreeRoots];
  let root = leafHash;
  for (let bits = frontier.size; (bits & 1n) === 1n; bits >>= 1n) root = hashNode(subtreeRoots.pop()!, root);
  return { size: frontier.size + 1n, subtreeRoots: [...subtreeRoots, root] };
}

/** Root of the whole tree: equal to merkleRoot of its leaf hashes, 32 bytes. */
export function frontierRoot({ subtreeRoots }: MerkleFrontier): Bytes {
  if (subtreeRoots.length === 0) return EMPTY_ROOT;
  return subtreeRoots.reduceRight((right, left) => hashNode(left, right));
}
