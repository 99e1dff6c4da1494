// The AES-256-CTR key stream in plain JavaScript, for browsers.
import { ctr } from '@noble/ciphers/aes.js';
import type { Bytes } from './bytes.ts';

/** A KeyStream (common-polynomial.ts) that runs anywhere, 50 times slower than the one of proto/node. */
export function nobleKeyStream(key: Bytes, byteOffset: number, byteLength: number): Bytes {
  return ctr(key, toCounter(byteOffset)).encrypt(new Uint8Array(byteLength));
}

/** The 128-bit big-endian counter block at `byteOffset`; RangeError unless that is a multiple of 16. */
export function toCounter(byteOffset: number): Bytes {
  if (!Number.isSafeInteger(byteOffset) || byteOffset < 0 || byteOffset % 16 !== 0) {
    throw new RangeError(`key stream offset ${byteOffset} is not a multiple of 16`);
  }
  const counter = new Uint8Array(16);
  new DataView(counter.buffer).setBigUint64(8, BigInt(byteOffset / 16));
  return counter;
}
