// Canonical JSON, a subset of RFC 8785: one value has exactly one spelling, so signed bytes can be checked by re-encoding.
// Values: strings, booleans, safe integers, arrays, objects. No floats, no null. Keys are sorted by UTF-16 code unit.
import { parseUtf8, utf8, type Bytes } from './bytes.ts';
import { PROTOTYPE_KEYS, verifyDepth } from './hostile-json.ts';
import { Refusal, refuseUnless } from './refusal.ts';

export type CanonicalValue =
  string | boolean | number | readonly CanonicalValue[] | { readonly [key: string]: CanonicalValue };

const MAX_DEPTH = 16;

/** The only spelling of `value`. Throws a TypeError for what canonical JSON cannot hold: that is the caller's bug. */
export function encodeCanonicalJson(value: CanonicalValue): string {
  if (typeof value === 'number') return encodeInteger(value);
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(encodeCanonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`canonical JSON cannot hold ${typeof value}`);
  const members = Object.entries(value as Record<string, CanonicalValue>).sort(([a], [b]) =>
    a < b ? -1 : a > b ? 1 : 0,
  );
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${encodeCanonicalJson(member)}`).join(',')}}`;
}

/** UTF-8 bytes of the canonical spelling. */
export function toCanonicalBytes(value: CanonicalValue): Bytes {
  return utf8(encodeCanonicalJson(value));
}

/**
 * Parses hostile bytes of at most `maxBytes`. Refuses (MALFORMED) anything that is not the canonical spelling of its value:
 * other key order, spaces, duplicate keys, floats, nulls, deep nesting, prototype keys.
 */
export function parseCanonicalJson(bytes: Bytes, what: string, maxBytes = 1 << 20): CanonicalValue {
  refuseUnless(bytes.length <= maxBytes, 'MALFORMED', `${what}: longer than ${maxBytes} bytes`);
  const text = parseUtf8(bytes, what);
  verifyDepth(text, what, MAX_DEPTH + 1);
  const value = parseJson(text, what);
  refuseUnless(
    isCanonicalValue(value, 0),
    'MALFORMED',
    `${what}: holds a value canonical JSON does not have`,
  );
  refuseUnless(encodeCanonicalJson(value) === text, 'MALFORMED', `${what}: not in canonical form`);
  return value;
}

function encodeInteger(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0))
    throw new TypeError(`not a safe integer: ${value}`);
  return String(value);
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal('MALFORMED', `${what}: not JSON`, { cause });
  }
}

function isCanonicalValue(value: unknown, depth: number): value is CanonicalValue {
  if (depth > MAX_DEPTH) return false;
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value === 'string' || typeof value === 'boolean') return true;
  if (Array.isArray(value)) return value.every((member) => isCanonicalValue(member, depth + 1));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(
    ([key, member]) => !PROTOTYPE_KEYS.has(key) && isCanonicalValue(member, depth + 1),
  );
}
