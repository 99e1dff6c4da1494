// Names and keys of signed notes (C2SP signed-note): `vkey` for verifiers, and Go's `PRIVATE+KEY+` form for signers.
import { encodeBase64, parseBase64 } from '../base64.ts';
import { concat, isEqualBytes, parseHex, toHex, utf8, type Bytes } from '../bytes.ts';
import { sha256 } from '../digest.ts';
import { Refusal, refuseUnless } from '../refusal.ts';
import { ML_DSA_44_KEY_BYTES } from './ml-dsa.ts';

const SEED_BYTES = 32;
const KEY_ID_BYTES = 4;
const PRIVATE_PREFIX = 'PRIVATE+KEY+';

/** What a key signs: the text of a note, or the cosignature of a checkpoint (C2SP tlog-cosignature). */
export type NoteKeyType = 'ed25519' | 'ed25519-cosignature' | 'ml-dsa-44-cosignature';

/** Signature type byte of each kind of key, and the length of its public half. */
const KEY_TYPES: Record<NoteKeyType, { readonly byte: number; readonly keyBytes: number }> = {
  ed25519: { byte: 0x01, keyBytes: 32 },
  'ed25519-cosignature': { byte: 0x04, keyBytes: 32 },
  'ml-dsa-44-cosignature': { byte: 0x06, keyBytes: ML_DSA_44_KEY_BYTES },
};
/** Types of the keys that cosign. */
export const COSIGNER_TYPES: readonly NoteKeyType[] = ['ed25519-cosignature', 'ml-dsa-44-cosignature'];

/** Types of the keys that logs sign with. This project's own logs sign with Ed25519. */
const LOG_TYPES: readonly NoteKeyType[] = ['ed25519', 'ml-dsa-44-cosignature'];

/** A key that signs notes under a name. */
export interface NoteKey {
  /** Not empty, without white space and '+'. */
  readonly name: string;
  readonly type: NoteKeyType;
  /** First 4 bytes of SHA-256(name ‖ 0x0A ‖ type byte ‖ publicKey): a hint, not an authentication. */
  readonly keyId: Bytes;
  /** Raw public key: 32 bytes of Ed25519, or 1312 of ML-DSA-44. */
  readonly publicKey: Bytes;
}

/** True for a name that C2SP signed-note allows: not empty, no Unicode white space, no '+', no control character. */
export function isNoteName(name: string): boolean {
  return name !== '' && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

/** The key of `name`; throws a RangeError for a name or a key that no note can have. */
export function createNoteKey(name: string, publicKey: Bytes, type: NoteKeyType = 'ed25519'): NoteKey {
  const { keyBytes } = KEY_TYPES[type];
  if (!isNoteName(name)) throw new RangeError('not a note key name');
  if (publicKey.length !== keyBytes) throw new RangeError(`an ${type} public key has ${keyBytes} bytes`);
  return { name, type, keyId: toKeyId(name, type, publicKey), publicKey };
}

/** `name+hex8(keyId)+base64(type byte ‖ publicKey)`. */
export function encodeVkey({ name, type, keyId, publicKey }: NoteKey): string {
  return `${name}+${toHex(keyId)}+${encodeBase64(concat(toTypeByte(type), publicKey))}`;
}

/**
 * Parses the vkey of a log of this project (plain Ed25519) without surrounding white space; refuses MALFORMED, also when the key ID is not that
 * of the key.
 */
export function parseVkey(text: string): NoteKey {
  return parseKeyOf(text, ['ed25519']);
}

/** Parses the vkey of any log: plain Ed25519, or ML-DSA-44, with which a log cosigns its own checkpoints. Refuses MALFORMED. */
export function parseLogVkey(text: string): NoteKey {
  return parseKeyOf(text, LOG_TYPES);
}

/** Parses a witness's vkey (a cosignature key of either algorithm) as parseVkey does a log's; refuses MALFORMED. */
export function parseCosignerVkey(text: string): NoteKey {
  return parseKeyOf(text, COSIGNER_TYPES);
}

/** Secret half of a note key. Never print one. */
export interface NoteSigningKey {
  readonly name: string;
  readonly type: NoteKeyType;
  readonly keyId: Bytes;
  /** Ed25519 seed (RFC 8032 section 5.1.5) or ML-DSA-44 seed (FIPS 204 algorithm 6), 32 bytes. */
  readonly seed: Bytes;
}

/** `PRIVATE+KEY+name+hex8(keyId)+base64(type byte ‖ seed)`, as golang.org/x/mod/sumdb/note writes it. A secret. */
export function encodeSkey({ name, type, keyId }: NoteKey, seed: Bytes): string {
  return `${PRIVATE_PREFIX}${name}+${toHex(keyId)}+${encodeBase64(concat(toTypeByte(type), seed))}`;
}

/**
 * Parses what encodeSkey writes for a key of one of `types`; refuses MALFORMED. The key ID is that of the public key, so the
 * caller derives the public key from the seed and compares.
 */
export function parseSkey(text: string, types: readonly NoteKeyType[] = ['ed25519']): NoteSigningKey {
  refuseUnless(text.startsWith(PRIVATE_PREFIX), 'MALFORMED', 'signing key: unknown form');
  const { name, type, keyId, key } = parseParts(text.slice(PRIVATE_PREFIX.length), types, 'signing key');
  refuseUnless(key.length === SEED_BYTES, 'MALFORMED', 'signing key: length of the seed');
  return { name, type, keyId, seed: key };
}

function parseKeyOf(text: string, types: readonly NoteKeyType[]): NoteKey {
  const { name, type, keyId, key } = parseParts(text, types, 'vkey');
  refuseUnless(key.length === KEY_TYPES[type].keyBytes, 'MALFORMED', 'vkey: length of the key');
  const isItsId = isEqualBytes(toKeyId(name, type, key), keyId);
  refuseUnless(isItsId, 'MALFORMED', 'vkey: the key ID is not that of the key');
  return { name, type, keyId, publicKey: key };
}

function toTypeByte(type: NoteKeyType): Bytes {
  return Uint8Array.of(KEY_TYPES[type].byte);
}

function toKeyId(name: string, type: NoteKeyType, publicKey: Bytes): Bytes {
  return sha256(utf8(`${name}\n`), toTypeByte(type), publicKey).slice(0, KEY_ID_BYTES);
}

function parseParts(text: string, types: readonly NoteKeyType[], what: string) {
  // Base64 contains '+' too: only the first two separate.
  const [name = '', keyId = '', ...rest] = text.split('+');
  refuseUnless(isNoteName(name), 'MALFORMED', `${what}: key name`);
  const typed = parseBase64(rest.join('+'), what);
  const type = types.find((candidate) => KEY_TYPES[candidate].byte === typed[0]);
  if (!type) throw new Refusal('MALFORMED', `${what}: not a key of type ${types.join(' or ')}`);
  return { name, type, keyId: parseHex(keyId, KEY_ID_BYTES, `${what}: key ID`), key: typed.slice(1) };
}
