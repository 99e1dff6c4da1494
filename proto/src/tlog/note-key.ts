// Names and keys of signed notes (C2SP signed-note): `vkey` for verifiers, and Go's `PRIVATE+KEY+` form for signers.
import { encodeBase64, parseBase64 } from '../base64.ts';
import { concat, parseHex, toHex, utf8, type Bytes } from '../bytes.ts';
import { sha256 } from '../digest.ts';
import { refuseUnless } from '../refusal.ts';

/** Signature type of plain Ed25519 notes; cosignatures and other algorithms have their own types. */
const ED25519 = 0x01;
const KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const PRIVATE_PREFIX = 'PRIVATE+KEY+';

/** An Ed25519 key that signs notes under a name. */
export interface NoteKey {
  /** Not empty, without white space and '+'. */
  readonly name: string;
  /** First 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ publicKey): a hint, not an authentication. */
  readonly keyId: Bytes;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Bytes;
}

/** True for a name that C2SP signed-note allows: not empty, no Unicode white space, no '+', no control character. */
export function isNoteName(name: string): boolean {
  return name !== '' && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

/** The key of `name`; throws a RangeError for a name or a key (32 bytes) that no note can have. */
export function createNoteKey(name: string, publicKey: Bytes): NoteKey {
  if (!isNoteName(name)) throw new RangeError('not a note key name');
  if (publicKey.length !== KEY_BYTES) throw new RangeError(`an Ed25519 public key has ${KEY_BYTES} bytes`);
  return { name, keyId: toKeyId(name, publicKey), publicKey };
}

/** `name+hex8(keyId)+base64(0x01 ‖ publicKey)`. */
export function encodeVkey({ name, keyId, publicKey }: NoteKey): string {
  return `${name}+${toHex(keyId)}+${encodeBase64(concat(Uint8Array.of(ED25519), publicKey))}`;
}

/** Parses a vkey without surrounding white space; refuses MALFORMED, also when the key ID is not that of the key. */
export function parseVkey(text: string): NoteKey {
  const { name, keyId, key } = parseParts(text, 'vkey');
  refuseUnless(
    toHex(toKeyId(name, key)) === toHex(keyId),
    'MALFORMED',
    'vkey: the key ID is not that of the key',
  );
  return { name, keyId, publicKey: key };
}

/** Secret half of a note key. Never print one. */
export interface NoteSigningKey {
  readonly name: string;
  readonly keyId: Bytes;
  /** Ed25519 seed (RFC 8032 section 5.1.5), 32 bytes. */
  readonly seed: Bytes;
}

/** `PRIVATE+KEY+name+hex8(keyId)+base64(0x01 ‖ seed)`, as golang.org/x/mod/sumdb/note writes it. A secret. */
export function encodeSkey({ name, keyId }: NoteKey, seed: Bytes): string {
  return `${PRIVATE_PREFIX}${name}+${toHex(keyId)}+${encodeBase64(concat(Uint8Array.of(ED25519), seed))}`;
}

/**
 * Parses what encodeSkey writes; refuses MALFORMED. The key ID is that of the public key, so the caller derives the
 * public key from the seed and compares.
 */
export function parseSkey(text: string): NoteSigningKey {
  refuseUnless(text.startsWith(PRIVATE_PREFIX), 'MALFORMED', 'signing key: unknown form');
  const { name, keyId, key } = parseParts(text.slice(PRIVATE_PREFIX.length), 'signing key');
  return { name, keyId, seed: key };
}

function toKeyId(name: string, publicKey: Bytes): Bytes {
  return sha256(utf8(`${name}\n`), Uint8Array.of(ED25519), publicKey).slice(0, KEY_ID_BYTES);
}

function parseParts(text: string, what: string) {
  // Base64 contains '+' too: only the first two separate.
  const [name = '', keyId = '', ...rest] = text.split('+');
  refuseUnless(isNoteName(name), 'MALFORMED', `${what}: key name`);
  const key = parseBase64(rest.join('+'), what);
  refuseUnless(
    key.length === 1 + KEY_BYTES && key[0] === ED25519,
    'MALFORMED',
    `${what}: not an Ed25519 key`,
  );
  return { name, keyId: parseHex(keyId, KEY_ID_BYTES, `${what}: key ID`), key: key.slice(1) };
}
