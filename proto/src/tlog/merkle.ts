// Merkle tree of RFC 6962 section 2.1 (= RFC 9162 section 2.1, same hashes): roots, inclusion and consistency proofs.
// Trees held in memory are arrays of leaf hashes, so their indexes are numbers. What is verified comes from a log of up
// to 2^64 entries, so the verifying functions take bigints.
import { isEqualBytes, type Bytes } from '../bytes.ts';
import { DIGEST_BYTES, sha256 } from '../digest.ts';
import { refuseUnless } from '../refusal.ts';
import { consistencyRanges, inclusionRanges, type LeafRange } from './proof-ranges.ts';

const LEAF_PREFIX = Uint8Array.of(0x00);
const NODE_PREFIX = Uint8Array.of(0x01);

/** Root of the tree without leaves: SHA-256 of the empty string (RFC 9162 section 2.1.1). */
export const EMPTY_ROOT: Bytes = sha256();

/** SHA-256(0x00 ‖ entry), 32 bytes (RFC 9162 section 2.1.1). Where bulk bytes flow, compute the same with node:crypto. */
export function hashLeaf(entry: Bytes): Bytes {
  return sha256(LEAF_PREFIX, entry);
}

/** SHA-256(0x01 ‖ left ‖ right), 32 bytes (RFC 9162 section 2.1.1). */
export function hashNode(left: Bytes, right: Bytes): Bytes {
  return sha256(NODE_PREFIX, left, right);
}

/** MTH of RFC 9162 section 2.1.1 over leaf hashes (not entries); EMPTY_ROOT for none. */
export function merkleRoot(leafHashes: readonly Bytes[]): Bytes {
  return leafHashes.length === 0 ? EMPTY_ROOT : rangeRoot(leafHashes, 0, leafHashes.length);
}

/**
 * PATH(index, D[n]) of RFC 9162 section 2.1.3.1: the sibling of the leaf first, the child of the root last.
 * Throws a RangeError unless 0 <= index < leafHashes.length.
 */
export function inclusionProof(leafHashes: readonly Bytes[], index: number): Bytes[] {
  return rootsOf(leafHashes, inclusionRanges(BigInt(index), BigInt(leafHashes.length)));
}

/**
 * PROOF(oldSize, D[n]) of RFC 9162 section 2.1.4.1; empty when oldSize is 0 or n.
 * Throws a RangeError unless 0 <= oldSize <= leafHashes.length.
 */
export function consistencyProof(leafHashes: readonly Bytes[], oldSize: number): Bytes[] {
  return rootsOf(leafHashes, consistencyRanges(BigInt(oldSize), BigInt(leafHashes.length)));
}

export interface InclusionClaim {
  /** Position of the leaf, 0 <= index < size. */
  readonly index: bigint;
  readonly size: bigint;
  readonly leafHash: Bytes;
  readonly proof: readonly Bytes[];
  readonly root: Bytes;
}

/** Refuses (BAD_PROOF) unless the leaf is at `index` of the tree of `size` with `root` (RFC 9162 section 2.1.3.2). */
export function verifyInclusion({ index, size, leafHash, proof, root }: InclusionClaim): void {
  refuseUnless(index >= 0n && index < size, 'BAD_PROOF', `index ${index} is outside a tree of ${size}`);
  refuseUnlessHashes([leafHash, root, ...proof]);
  let fn = index;
  let sn = size - 1n;
  let hash = leafHash;
  for (const sibling of proof) {
    refuseUnless(sn !== 0n, 'BAD_PROOF', 'inclusion proof is too long');
    const isRightChild = isOdd(fn) || fn === sn;
    hash = isRightChild ? hashNode(sibling, hash) : hashNode(hash, sibling);
    if (isRightChild) [fn, sn] = skipAbsentLevels(fn, sn);
    fn >>= 1n;
    sn >>= 1n;
  }
  refuseUnless(sn === 0n, 'BAD_PROOF', 'inclusion proof is too short');
  refuseUnless(isEqualBytes(hash, root), 'BAD_PROOF', 'inclusion proof does not lead to the root');
}

export interface ConsistencyClaim {
  readonly oldSize: bigint;
  readonly newSize: bigint;
  readonly oldRoot: Bytes;
  readonly newRoot: Bytes;
  readonly proof: readonly Bytes[];
}

/**
 * Refuses (BAD_PROOF) unless the new tree starts with the old tree (RFC 9162 section 2.1.4.2). An old size of 0 is
 * refused too: every tree starts with the empty one, so a caller that allows it must say so itself.
 */
export function verifyConsistency({ oldSize, newSize, oldRoot, newRoot, proof }: ConsistencyClaim): void {
  refuseUnless(oldSize > 0n, 'BAD_PROOF', 'nothing can be proved about an empty tree');
  refuseUnless(oldSize <= newSize, 'BAD_PROOF', `a tree of ${newSize} cannot extend one of ${oldSize}`);
  refuseUnlessHashes([oldRoot, newRoot, ...proof]);
  if (oldSize === newSize) {
    refuseUnless(proof.length === 0, 'BAD_PROOF', 'proof between equal sizes is not empty');
    refuseUnless(isEqualBytes(oldRoot, newRoot), 'BAD_PROOF', `two different roots for size ${oldSize}`);
    return;
  }
  refuseUnless(proof.length > 0, 'BAD_PROOF', 'consistency proof is empty');
  const computed = rootsFromProof(oldSize, newSize, isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof);
  refuseUnless(isEqualBytes(computed.oldRoot, oldRoot), 'BAD_PROOF', 'consistency proof misses the old root');
  refuseUnless(isEqualBytes(computed.newRoot, newRoot), 'BAD_PROOF', 'consistency proof misses the new root');
}

function rootsFromProof(oldSize: bigint, newSize: bigint, path: readonly Bytes[]) {
  let fn = oldSize - 1n;
  let sn = newSize - 1n;
  while (isOdd(fn)) [fn, sn] = [fn >> 1n, sn >> 1n];
  let oldRoot = path[0]!;
  let newRoot = oldRoot;
  for (const hash of path.slice(1)) {
    refuseUnless(sn !== 0n, 'BAD_PROOF', 'consistency proof is too long');
    if (isOdd(fn) || fn === sn) {
      oldRoot = hashNode(hash, oldRoot);
      newRoot = hashNode(hash, newRoot);
      [fn, sn] = skipAbsentLevels(fn, sn);
    } else {
      newRoot = hashNode(newRoot, hash);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  refuseUnless(sn === 0n, 'BAD_PROOF', 'consistency proof is too short');
  return { oldRoot, newRoot };
}

/** On the right edge a node may be its own parent for some levels: there is no sibling, and the proof has no hash. */
function skipAbsentLevels(fn: bigint, sn: bigint): [bigint, bigint] {
  while (!isOdd(fn) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
  return [fn, sn];
}

function rootsOf(leafHashes: readonly Bytes[], ranges: readonly LeafRange[]): Bytes[] {
  return ranges.map(({ start, end }) => rangeRoot(leafHashes, Number(start), Number(end)));
}

function rangeRoot(leafHashes: readonly Bytes[], start: number, end: number): Bytes {
  if (end - start === 1) return leafHashes[start]!;
  // The largest power of two strictly below the number of leaves; an array has fewer than 2^32.
  const split = start + 2 ** (31 - Math.clz32(end - start - 1));
  return hashNode(rangeRoot(leafHashes, start, split), rangeRoot(leafHashes, split, end));
}

function isOdd(n: bigint): boolean {
  return (n & 1n) === 1n;
}

function isPowerOfTwo(n: bigint): boolean {
  return (n & (n - 1n)) === 0n;
}

function refuseUnlessHashes(hashes: readonly Bytes[]): void {
  refuseUnless(
    hashes.every((hash) => hash.length === DIGEST_BYTES),
    'BAD_PROOF',
    `a hash is not ${DIGEST_BYTES} bytes`,
  );
}
