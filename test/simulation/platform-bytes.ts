// What @noble/hashes computes portably, as the platform computes it: the same values, sooner.
import { hash } from 'node:crypto';

type Bytes = Uint8Array<ArrayBuffer>;

export function sha256(message: Bytes): Bytes {
  return copyOf(hash('sha256', message, 'buffer'));
}

export function bytesToHex(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

export function hexToBytes(text: string): Bytes {
  return copyOf(Buffer.from(text, 'hex'));
}

export function utf8ToBytes(text: string): Bytes {
  return copyOf(Buffer.from(text));
}

export function concatBytes(...parts: Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The buffers of the platform may be parts of a larger one. */
function copyOf(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}
