// The AES-256-CTR key stream from node:crypto.
import { createCipheriv, createSecretKey } from 'node:crypto';
import type { Bytes } from '../src/bytes.ts';
import { toCounter } from '../src/noble-key-stream.ts';

/** What is encrypted to get the key stream. Kept, because zeroing a fresh buffer costs as much as the encryption. */
let zeros = new Uint8Array(0);

/** A KeyStream (proto/src/common-polynomial.ts) at the speed of the processor's AES instructions. */
export function nodeKeyStream(key: Bytes, byteOffset: number, byteLength: number): Bytes {
  if (zeros.length < byteLength) zeros = new Uint8Array(byteLength);
  // Node takes a key object five times faster than the bytes of a key.
  const cipher = createCipheriv('aes-256-ctr', createSecretKey(key), toCounter(byteOffset));
  return cipher.update(zeros.subarray(0, byteLength));
}
