// The end of a SEAL stream saved in compr_mode none: coefficients as 64-bit little-endian words, behind a header of any length.
import { endianness } from 'node:os';

// Words are moved as memory, without a conversion per coefficient.
if (endianness() !== 'LE') throw new Error('this program needs a little-endian processor');

/** Copies the last words of `stream` into `out`. */
export function readCoefficients(stream: Uint8Array, out: BigUint64Array): void {
  toBytes(out).set(stream.subarray(stream.length - out.byteLength));
}

/** Overwrites the last words of `stream`. */
export function writeCoefficients(stream: Uint8Array, coefficients: BigUint64Array): void {
  stream.set(toBytes(coefficients), stream.length - coefficients.byteLength);
}

/** Copies the two polynomials at the end of a ciphertext stream. */
export function readPolynomials(stream: Uint8Array, first: BigUint64Array, second: BigUint64Array): void {
  readCoefficients(stream.subarray(0, stream.length - second.byteLength), first);
  readCoefficients(stream, second);
}

/** Overwrites the two polynomials at the end of a ciphertext stream. */
export function writePolynomials(stream: Uint8Array, first: BigUint64Array, second: BigUint64Array): void {
  writeCoefficients(stream.subarray(0, stream.length - second.byteLength), first);
  writeCoefficients(stream, second);
}

/** The memory of `coefficients` as bytes: their wire form (PROTOCOL.md section 2). */
export function toBytes(coefficients: BigUint64Array): Uint8Array {
  return new Uint8Array(coefficients.buffer, coefficients.byteOffset, coefficients.byteLength);
}
