// A ciphertext on disk: its chunks one after another, hashed in parts of 1 MiB (PROTOCOL.md section 5, "contribute").
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  CHUNK_BYTES,
  CHUNKS_PER_PART,
  encodePart,
  N,
  parsePart,
  partBytes,
  partCount,
  refuseUnless,
  toHex,
  type Digest,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { appendLeaf, createMerkleFrontier, frontierRoot } from '@blindsum/proto/tlog';

/** A ciphertext file and what somebody signed about it. */
export interface CiphertextFile {
  readonly path: string;
  readonly chunks: number;
  /** RFC 6962 root over the parts. */
  readonly root: Digest;
}

export interface CiphertextPart {
  /** 0-based number of the part's first chunk. */
  readonly firstChunk: number;
  /** Its coefficients, each < q: a view of the reader's buffer, overwritten by the next part. */
  readonly coefficients: BigUint64Array;
}

/** Coefficients of the largest part: what a reader's buffer must hold. */
export const PART_COEFFICIENTS = N * CHUNKS_PER_PART;

/** Root over parts that arrive in order, in hexadecimal. */
export interface PartHasher {
  add(part: BigUint64Array): void;
  root(): Digest;
}

export function createPartHasher(): PartHasher {
  let frontier = createMerkleFrontier();
  return {
    add(part) {
      frontier = appendLeaf(frontier, hashLeaf(encodePart(part)));
    },
    root: () => toHex(frontierRoot(frontier)) as Digest,
  };
}

/**
 * The parts of a file in order, through `buffer` (PART_COEFFICIENTS coefficients). Refuses PART_BAD_LENGTH for a file of
 * another size, PART_OUT_OF_RANGE for a coefficient >= q and, once all parts were given, ROOT_MISMATCH: whoever uses the
 * parts must not act on them before the end.
 */
export function* readParts(file: CiphertextFile, buffer: BigUint64Array): Generator<CiphertextPart> {
  const hasher = createPartHasher();
  const descriptor = openSync(file.path, 'r');
  try {
    requireSize(descriptor, file.chunks);
    for (let index = 0; index < partCount(file.chunks); index++) {
      const bytes = encodePart(buffer).subarray(0, partBytes(index, file.chunks));
      readFully(descriptor, bytes, index);
      const coefficients = parsePart(bytes, { index, chunks: file.chunks });
      hasher.add(coefficients);
      yield { firstChunk: index * CHUNKS_PER_PART, coefficients };
    }
  } finally {
    closeSync(descriptor);
  }
  refuseUnless(hasher.root() === file.root, 'ROOT_MISMATCH', 'the ciphertext is not the one that was signed');
}

/** Refuses as readParts does, without using the parts. */
export function verifyCiphertextFile(file: CiphertextFile, buffer: BigUint64Array): void {
  for (const part of readParts(file, buffer)) void part;
}

/** The chunks of a part, as views of it. */
export function chunksOf(part: BigUint64Array): BigUint64Array[] {
  return Array.from({ length: part.length / N }, (_, i) => part.subarray(i * N, (i + 1) * N));
}

function requireSize(descriptor: number, chunks: number): void {
  const { size } = fstatSync(descriptor);
  const expected = chunks * CHUNK_BYTES;
  refuseUnless(size === expected, 'PART_BAD_LENGTH', `ciphertext of ${size} bytes, not ${expected}`);
}

function readFully(descriptor: number, bytes: Uint8Array, index: number): void {
  for (let at = 0; at < bytes.length;) {
    const read = readSync(descriptor, bytes, at, bytes.length - at, null);
    refuseUnless(read > 0, 'PART_BAD_LENGTH', `part ${index}: the file ends before it`);
    at += read;
  }
}
