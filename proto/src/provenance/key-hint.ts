// How bundles name the keys that verify them; whoever verifies has those keys from elsewhere.
import { encodeBase64 } from '../base64.ts';
import { toHex, utf8, type Bytes } from '../bytes.ts';
import { sha256 } from '../digest.ts';
import type { Digest } from '../identifiers.ts';
import type { NoteKey } from '../tlog/note-key.ts';

const LINE_LENGTH = 64;
/** Signature type of plain Ed25519 notes (C2SP signed-note). */
const ED25519 = 0x01;

/** A SubjectPublicKeyInfo as PEM (RFC 7468); ends in a newline. */
export function encodePublicKeyPem(spki: Bytes): string {
  const lines = encodeBase64(spki).match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? [];
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n');
}

/** SHA-256 of the key's PEM form: the hint of OpenSSF Model Signing bundles, here of all bundles. */
export function toKeyHint(spki: Bytes): Digest {
  return toHex(sha256(utf8(encodePublicKeyPem(spki)))) as Digest;
}

/** The 32 bytes of which a note's key ID is the first four: Sigstore's name of a log. */
export function toLogId({ name, publicKey }: NoteKey): Bytes {
  return sha256(utf8(`${name}\n`), Uint8Array.of(ED25519), publicKey);
}
