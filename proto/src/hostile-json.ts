// JSON that strangers wrote. Its depth is looked at before it is parsed, so that brackets alone cost no memory, and keys that mean
// something to JavaScript's objects are turned away.
import { Refusal, refuseUnless } from './refusal.ts';

/** Objects and arrays within each other; nothing that is read here needs more. */
export const MAX_JSON_DEPTH = 32;
export const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** The value that the text says; refuses MALFORMED: no JSON, nested too deeply, a key of JavaScript's own. */
export function parseHostileJson(text: string, what: string): unknown {
  verifyDepth(text, what, MAX_JSON_DEPTH);
  const value = parse(text, what);
  refuseUnless(!hasPrototypeKey(value), 'MALFORMED', `${what}: a key that is not allowed`);
  return value;
}

/** Refuses MALFORMED text in which more than `most` brackets are open at once; strings do not count. Linear in its length. */
export function verifyDepth(text: string, what: string, most: number): void {
  let depth = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if (OPENING.has(code)) depth++;
    else if (CLOSING.has(code)) depth--;
    refuseUnless(depth <= most, 'MALFORMED', `${what}: nested more than ${most} deep`);
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause, which quotes the text.
    throw new Refusal('MALFORMED', `${what}: not JSON`);
  }
}

function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasPrototypeKey);
  return Object.entries(value).some(([key, member]) => PROTOTYPE_KEYS.has(key) || hasPrototypeKey(member));
}
