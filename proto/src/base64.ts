// Standard base64 with padding (RFC 4648 section 4). Parsing is strict, so that one value has one spelling.
import type { Bytes } from './bytes.ts';
import { Refusal, refuseUnless } from './refusal.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SEXTETS = new Map([...ALPHABET].map((character, sextet) => [character, sextet]));

/** Base64 of `bytes`, padded, without line breaks. */
export function encodeBase64(bytes: Bytes): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET.charAt(group >>> 18) + ALPHABET.charAt((group >>> 12) & 63);
    text += i + 1 < bytes.length ? ALPHABET.charAt((group >>> 6) & 63) : '=';
    text += i + 2 < bytes.length ? ALPHABET.charAt(group & 63) : '=';
  }
  return text;
}

/** Parses what encodeBase64 writes; any other spelling (stray bits, no padding, line breaks, base64url) is MALFORMED. */
export function parseBase64(text: string, what: string): Bytes {
  refuseUnless(text.length % 4 === 0, 'MALFORMED', `${what}: base64 length is not a multiple of four`);
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0, at = 0; i < text.length; i += 4, at += 3) {
    const group = parseGroup(text.slice(i, i + 4), i + 4 === text.length ? padding : 0, what);
    // A typed array ignores a write past its end, which is where the padding of the last group falls.
    bytes[at] = group >>> 16;
    bytes[at + 1] = (group >>> 8) & 0xff;
    bytes[at + 2] = group & 0xff;
  }
  refuseUnless(encodeBase64(bytes) === text, 'MALFORMED', `${what}: base64 with stray bits`);
  return bytes;
}

function parseGroup(characters: string, padding: number, what: string): number {
  let group = 0;
  for (let i = 0; i < 4; i++) {
    const sextet = i < 4 - padding ? SEXTETS.get(characters.charAt(i)) : 0;
    if (sextet === undefined) throw new Refusal('MALFORMED', `${what}: not base64`);
    group = (group << 6) | sextet;
  }
  return group;
}
