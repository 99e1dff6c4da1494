// Byte strings: strict hexadecimal, concatenation, comparison, fixed-width integers. No Buffer: this also runs in a browser.
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Refusal, refuseUnless } from './refusal.ts';

export type Bytes = Uint8Array<ArrayBufferLike>;

export const toHex: (bytes: Bytes) => string = bytesToHex;
export const concat: (...parts: Bytes[]) => Bytes = concatBytes;
export const utf8: (text: string) => Bytes = utf8ToBytes;

/** Parses lower-case hexadecimal of exactly `length` bytes; anything else is MALFORMED. One value has one spelling. */
export function parseHex(text: string, length: number, what: string): Bytes {
  refuseUnless(
    text.length === 2 * length && /^[0-9a-f]*$/.test(text),
    'MALFORMED',
    `${what}: expected ${length} bytes in lower-case hexadecimal`,
  );
  return hexToBytes(text);
}

/** True when both byte strings have the same length and content. Not constant-time: for public values only. */
export function isEqualBytes(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** 32-bit big-endian encoding of `value` (0 <= value < 2^32). */
export function toUint32Bytes(value: number): Bytes {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new RangeError(`not a 32-bit unsigned integer: ${value}`);
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** Parses UTF-8 strictly; invalid sequences are MALFORMED. */
export function parseUtf8(bytes: Bytes, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Refusal('MALFORMED', `${what}: not valid UTF-8`, { cause });
  }
}
