// Uniform polynomials modulo q expanded from public seeds (PROTOCOL.md section 3, step 1).
import { toUint32Bytes, type Bytes } from './bytes.ts';
import { DIGEST_BYTES, domainDigest } from './digest.ts';
import { Q } from './parameter-set.ts';

/**
 * Bytes `byteOffset` (a multiple of 16) to `byteOffset + byteLength` of the AES-256-CTR key stream of a 32-byte key with zero
 * IV (NIST SP 800-38A, 128-bit big-endian counter). proto/node/key-stream.ts is fast, noble-key-stream.ts runs anywhere.
 */
export type KeyStream = (key: Bytes, byteOffset: number, byteLength: number) => Bytes;

const BLOCK_BYTES = 16;
const HIGH_MASK = 0x0fffffff;
const Q_HIGH = Number(Q >> 32n);
const Q_LOW = Number(Q & 0xffffffffn);

/**
 * Fills `out` with uniform values < q: the key stream in 64-bit little-endian words, masked to 60 bits, words >= q skipped.
 * Since 2^60 - q = 16383, a word is skipped with probability 1.5e-14.
 */
export function sampleUniform(stream: KeyStream, key: Bytes, out: BigUint64Array): void {
  const halves = new Uint32Array(out.buffer, out.byteOffset, 2 * out.length);
  for (let filled = 0, offset = 0; filled < halves.length;) {
    const byteLength = Math.ceil((4 * (halves.length - filled)) / BLOCK_BYTES) * BLOCK_BYTES;
    const words = toWords(stream(key, offset, byteLength), byteLength);
    offset += byteLength;
    filled = takeUniform(words, halves, filled);
  }
}

/** Writes a_k, the common polynomial of chunk `k` (0..2^32-1) of the round with context digest `context` (32 bytes), in NTT form. */
export function commonPolynomial(stream: KeyStream, context: Bytes, k: number, out: BigUint64Array): void {
  if (context.length !== DIGEST_BYTES)
    throw new TypeError(`a context has ${DIGEST_BYTES} bytes, not ${context.length}`);
  sampleUniform(stream, domainDigest('blindsum/v1/a', context, toUint32Bytes(k)), out);
}

/** Copies the words below q behind the `filled` halves that `halves` already holds; returns how many it holds then. */
function takeUniform(words: Uint32Array, halves: Uint32Array, filled: number): number {
  for (let at = 0; at < words.length && filled < halves.length; at += 2) {
    const low = words[at]!;
    const high = words[at + 1]! & HIGH_MASK;
    if (high > Q_HIGH || (high === Q_HIGH && low >= Q_LOW)) continue;
    halves[filled] = low;
    halves[filled + 1] = high;
    filled += 2;
  }
  return filled;
}

function toWords(bytes: Bytes, byteLength: number): Uint32Array {
  if (bytes.length !== byteLength)
    throw new TypeError(`the key stream gave ${bytes.length} bytes, not ${byteLength}`);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, byteLength / 4);
}
