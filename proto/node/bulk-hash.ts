// SHA-256 from node:crypto, ten times the speed of the portable one: for bulk bytes.
import { createHash } from 'node:crypto';
import type { Bytes } from '../src/bytes.ts';

const LEAF_PREFIX = Uint8Array.of(0);

/** SHA-256 of the parts one after another, without joining them. */
export function bulkHash(...parts: Bytes[]): Bytes {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** The leaf hash of a ciphertext part (RFC 6962 section 2.1): SHA-256(0x00 ‖ part). */
export function hashLeaf(part: Bytes): Bytes {
  return bulkHash(LEAF_PREFIX, part);
}
