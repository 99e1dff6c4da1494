// Ciphertext parts on the wire: up to 32 chunks as 64-bit little-endian coefficients, every one < q (PROTOCOL.md section 2).
// Memory is read in the byte order of the machine, so a big-endian machine is turned away when this loads.
import type { Bytes } from './bytes.ts';
import { CHUNK_BYTES, CHUNKS_PER_PART, N, Q } from './parameter-set.ts';
import { Refusal, refuseUnless } from './refusal.ts';

if (new Uint8Array(Uint16Array.of(1).buffer)[0] !== 1)
  throw new Error('this machine is big-endian, which is not supported');

/** Where a part stands: 0-based `index` in a ciphertext of `chunks` chunks. */
export interface PartPlace {
  readonly index: number;
  readonly chunks: number;
}

/** Parts of a ciphertext of `chunks` (>= 1) chunks. */
export function partCount(chunks: number): number {
  if (!Number.isSafeInteger(chunks) || chunks < 1) throw new RangeError(`a ciphertext of ${chunks} chunks`);
  return Math.ceil(chunks / CHUNKS_PER_PART);
}

/** Exact length in bytes of part `index`: PART_BYTES, or less for the last one. RangeError when there is no such part. */
export function partBytes(index: number, chunks: number): number {
  if (!Number.isInteger(index) || index < 0 || index >= partCount(chunks)) {
    throw new RangeError(`a ciphertext of ${chunks} chunks has no part ${index}`);
  }
  return Math.min(CHUNKS_PER_PART, chunks - index * CHUNKS_PER_PART) * CHUNK_BYTES;
}

/**
 * Parses a part from hostile bytes: its coefficients, a view of `bytes` where their address allows it and a copy otherwise.
 * Refuses PART_BAD_LENGTH, and PART_OUT_OF_RANGE naming the first coefficient >= q.
 */
export function parsePart(bytes: Bytes, place: PartPlace): BigUint64Array {
  const { index, chunks } = place;
  const expected = partBytes(index, chunks);
  refuseUnless(
    bytes.length === expected,
    'PART_BAD_LENGTH',
    `part ${index}: ${bytes.length} bytes, not ${expected}`,
  );
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  const coefficients = new BigUint64Array(aligned.buffer, aligned.byteOffset, expected / 8);
  const outside = firstOutside(coefficients);
  if (outside !== -1) throw new Refusal('PART_OUT_OF_RANGE', describePlace(index, outside));
  return coefficients;
}

/** The bytes of a part: a view of its coefficients. */
export function encodePart(coefficients: BigUint64Array): Bytes {
  return new Uint8Array(coefficients.buffer, coefficients.byteOffset, coefficients.byteLength);
}

/** On 32-bit halves, because comparing BigInts takes ten times longer. */
function firstOutside(coefficients: BigUint64Array): number {
  const halves = new Uint32Array(coefficients.buffer, coefficients.byteOffset, 2 * coefficients.length);
  const [high, low] = [Number(Q >> 32n), Number(Q & 0xffffffffn)];
  for (let at = 0; at < halves.length; at += 2) {
    if (halves[at + 1]! >= high && (halves[at + 1]! > high || halves[at]! >= low)) return at / 2;
  }
  return -1;
}

function describePlace(index: number, coefficient: number): string {
  const chunk = index * CHUNKS_PER_PART + Math.floor(coefficient / N);
  return `part ${index}: coefficient ${coefficient % N} of chunk ${chunk} is not below q`;
}
