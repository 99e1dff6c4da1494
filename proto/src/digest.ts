// SHA-256 digests with a domain prefix (PROTOCOL.md section 3). For bulk bytes in Node use proto/node/bulk-hash.ts.
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { concat, utf8, type Bytes } from './bytes.ts';

export const DIGEST_BYTES = 32;

export function sha256(...parts: Bytes[]): Bytes {
  return nobleSha256(concat(...parts));
}

/** SHA-256 of `domain` (ASCII, no terminator) followed by the parts. */
export function domainDigest(domain: string, ...parts: Bytes[]): Bytes {
  return sha256(utf8(domain), ...parts);
}
