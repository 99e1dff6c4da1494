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
/** Masks the high half of a word to 60 bits, and is the high half of q. */
const HIGH_MASK = 0x0fffffff;
const Q_LOW = Number(Q & 0xffffffffn);

/**
 * Fills `out` with uniform values < q: the key stream in 64-bit little-endian words, masked to 60 bits, words >= q skipped.
 * Since 2^60 - q = 16383, a word is skipped with probability 1.5e-14.
 */
export function sampleUniform(stream: KeyStream, key: Bytes, out: BigUint64Array): void {
  const halves = new Uint32Array(out.buffer, out.byteOffset, 2 * out.length);
  const hasSuspects = copyMasked(readWords(stream, key, { from: 0, count: halves.length }), halves);
  if (hasSuspects) sampleSkipping(stream, key, halves);
}

/** Writes a_k, the common polynomial of chunk `k` (0..2^32-1) of the round with context digest `context` (32 bytes), in NTT form. */
export function commonPolynomial(stream: KeyStream, context: Bytes, k: number, out: BigUint64Array): void {
  if (context.length !== DIGEST_BYTES)
    throw new TypeError(`a context has ${DIGEST_BYTES} bytes, not ${context.length}`);
  sampleUniform(stream, domainDigest('blindsum/v1/a', context, toUint32Bytes(k)), out);
}

/** Masks and copies the words; true when one may be >= q, which happens once in 2^28 words. Three times faster than testing each. */
function copyMasked(words: Uint32Array, halves: Uint32Array): boolean {
  let suspects = 0;
  for (let at = 0; at < halves.length; at += 2) {
    const high = words[at + 1]! & HIGH_MASK;
    halves[at] = words[at]!;
    halves[at + 1] = high;
    suspects |= (high + 1) & ~HIGH_MASK;
  }
  return suspects !== 0;
}

function sampleSkipping(stream: KeyStream, key: Bytes, halves: Uint32Array): void {
  for (let filled = 0, from = 0; filled < halves.length;) {
    const words = readWords(stream, key, { from, count: halves.length - filled });
    from += words.length;
    filled = takeUniform(words, halves, filled);
  }
}

/** Copies the words below q behind the `filled` halves that `halves` already holds; returns how many it holds then. */
function takeUniform(words: Uint32Array, halves: Uint32Array, filled: number): number {
  for (let at = 0; at < words.length && filled < halves.length; at += 2) {
    const low = words[at]!;
    const high = words[at + 1]! & HIGH_MASK;
    if (high === HIGH_MASK && low >= Q_LOW) continue;
    halves[filled++] = low;
    halves[filled++] = high;
  }
  return filled;
}

/** At least `count` 32-bit words of the stream, in whole blocks, after the first `from`, which is a number of whole blocks. */
function readWords(
  stream: KeyStream,
  key: Bytes,
  { from, count }: { from: number; count: number },
): Uint32Array {
  const byteLength = Math.ceil((4 * count) / BLOCK_BYTES) * BLOCK_BYTES;
  const bytes = stream(key, 4 * from, byteLength);
  if (bytes.length !== byteLength)
    throw new TypeError(`the key stream gave ${bytes.length} bytes, not ${byteLength}`);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, byteLength / 4);
}
