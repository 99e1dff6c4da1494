// The AES-256-CTR key stream from node:crypto.
import { createCipheriv } from 'node:crypto';
import type { Bytes } from '../src/bytes.ts';
import { toCounter } from '../src/noble-key-stream.ts';

/** A KeyStream (proto/src/common-polynomial.ts) at the speed of the processor's AES instructions. */
export function nodeKeyStream(key: Bytes, byteOffset: number, byteLength: number): Bytes {
  return createCipheriv('aes-256-ctr', key, toCounter(byteOffset)).update(new Uint8Array(byteLength));
}
