// Signed notes (C2SP signed-note v1.0.0): a text, a blank line, and one line per signature.
import { encodeBase64, parseBase64 } from '../base64.ts';
import { concat, isEqualBytes, parseUtf8, toHex, utf8, type Bytes } from '../bytes.ts';
import { refuseUnless } from '../refusal.ts';
import type { Sign, VerifySignature } from '../signed-message.ts';
import { Claimed, type CheckSignature, type SignatureClaim } from './claimed.ts';
import { isNoteName, type NoteKey } from './note-key.ts';

const MAX_NOTE_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;
const KEY_ID_BYTES = 4;
const DASH = '\u2014 ';

/** One signature line. */
export interface NoteSignature {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Bytes;
  /** At least one byte; its meaning depends on the key's type. */
  readonly signature: Bytes;
}

/** A note of valid form. Nothing is known about who wrote it until verifyNote has been called. */
export interface UnverifiedNote {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A signature line of a known key: the key is the line's, whether the signature is the key's is not known. */
export interface KnownLine {
  readonly key: NoteKey;
  readonly signature: Bytes;
}

/** The note's text and signature lines. Throws a RangeError for a text that parseNote would refuse. */
export function encodeNote({ text, signatures }: UnverifiedNote): string {
  if (!isNoteText(text))
    throw new RangeError('a note text ends in a newline and has no other control characters');
  return `${text}\n${encodeSignatureLines(signatures)}`;
}

/** One line for each signature, each ending in a newline. */
export function encodeSignatureLines(signatures: readonly NoteSignature[]): string {
  return signatures
    .map(({ name, keyId, signature }) => `${DASH}${name} ${encodeBase64(concat(keyId, signature))}\n`)
    .join('');
}

/** `text` as a note with one Ed25519 signature by `key`; `sign` holds the secret half. */
export function signNote(text: string, key: NoteKey, sign: Sign): string {
  return encodeNote({
    text,
    signatures: [{ name: key.name, keyId: key.keyId, signature: sign(utf8(text)) }],
  });
}

/** Parses hostile bytes; refuses MALFORMED unless they are a note with 1 to 100 signature lines. */
export function parseNote(bytes: Bytes): UnverifiedNote {
  refuseUnless(bytes.length <= MAX_NOTE_BYTES, 'MALFORMED', `note: longer than ${MAX_NOTE_BYTES} bytes`);
  const whole = parseUtf8(bytes, 'note');
  const split = whole.lastIndexOf('\n\n');
  refuseUnless(split >= 0, 'MALFORMED', 'note: no blank line before the signatures');
  const text = whole.slice(0, split + 1);
  refuseUnless(isNoteText(text), 'MALFORMED', 'note: control character in the text');
  return { text, signatures: parseSignatureLines(whole.slice(split + 2)) };
}

/** Parses what encodeSignatureLines writes; refuses MALFORMED unless it is 1 to 100 lines. */
export function parseSignatureLines(text: string): NoteSignature[] {
  const lines = text.split('\n');
  refuseUnless(
    lines.pop() === '' && lines.length > 0,
    'MALFORMED',
    'note: no final newline, or no signature',
  );
  refuseUnless(lines.length <= MAX_SIGNATURES, 'MALFORMED', `note: more than ${MAX_SIGNATURES} signatures`);
  return lines.map(parseSignatureLine);
}

/** The lines of a note that are by known keys, each with its key; refuses BAD_SIGNATURE when there is none. */
export function knownLines(note: UnverifiedNote, keys: readonly NoteKey[]): KnownLine[] {
  const known = note.signatures.flatMap((line) => {
    const key = keys.find(({ name, keyId }) => name === line.name && isEqualBytes(keyId, line.keyId));
    return key ? [{ key, signature: line.signature }] : [];
  });
  refuseUnless(known.length > 0, 'BAD_SIGNATURE', 'note: not signed by a known key');
  return known;
}

/** The claim of a plain Ed25519 line to have signed `text`. */
export function toTextClaim(text: string, { key, signature }: KnownLine): SignatureClaim {
  const refusal = `note: invalid signature of ${key.name}+${toHex(key.keyId)}`;
  return { algorithm: 'ed25519', publicKey: key.publicKey, message: utf8(text), signature, refusal };
}

/**
 * The text of the note, once every line of a known plain Ed25519 key verifies. Refuses BAD_SIGNATURE when none of `keys`
 * appears; lines of other keys are ignored.
 */
export function claimNote(note: UnverifiedNote, keys: readonly NoteKey[]): Claimed<string> {
  const claims = knownLines(note, keys).map((line) => toTextClaim(note.text, line));
  return new Claimed(claims, () => note.text);
}

/**
 * Refuses (BAD_SIGNATURE) unless at least one of `keys` signed the note, and none of them appears with a signature that
 * does not verify. Lines of other keys are ignored.
 */
export function verifyNote(note: UnverifiedNote, keys: readonly NoteKey[], verify: VerifySignature): void {
  claimNote(note, keys).verify(toEd25519Check(verify));
}

/** A check of Ed25519 claims alone, by a platform function. */
export function toEd25519Check(verify: VerifySignature): CheckSignature {
  return ({ algorithm, publicKey, message, signature }) =>
    algorithm === 'ed25519' && verify(publicKey, message, signature);
}

function parseSignatureLine(line: string): NoteSignature {
  refuseUnless(line.startsWith(DASH), 'MALFORMED', 'note: not a signature line');
  const [name = '', encoded = '', ...rest] = line.slice(DASH.length).split(' ');
  refuseUnless(isNoteName(name) && rest.length === 0, 'MALFORMED', 'note: not a signature line');
  const decoded = parseBase64(encoded, 'note signature');
  refuseUnless(decoded.length > KEY_ID_BYTES, 'MALFORMED', 'note: signature too short');
  return { name, keyId: decoded.slice(0, KEY_ID_BYTES), signature: decoded.slice(KEY_ID_BYTES) };
}

function isNoteText(text: string): boolean {
  return text.endsWith('\n') && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}
