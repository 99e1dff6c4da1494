// Signed notes (C2SP signed-note v1.0.0): a text, a blank line, and one line per signature.
import { encodeBase64, parseBase64 } from '../base64.ts';
import { concat, isEqualBytes, parseUtf8, toHex, utf8, type Bytes } from '../bytes.ts';
import { refuseUnless } from '../refusal.ts';
import type { Sign, VerifySignature } from '../signed-message.ts';
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

/** The note's text and signature lines. Throws a RangeError for a text that parseNote would refuse. */
export function encodeNote({ text, signatures }: UnverifiedNote): string {
  if (!isNoteText(text))
    throw new RangeError('a note text ends in a newline and has no other control characters');
  const lines = signatures.map(
    ({ name, keyId, signature }) => `${DASH}${name} ${encodeBase64(concat(keyId, signature))}\n`,
  );
  return `${text}\n${lines.join('')}`;
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
  const lines = whole.slice(split + 2).split('\n');
  refuseUnless(
    lines.pop() === '' && lines.length > 0,
    'MALFORMED',
    'note: no final newline, or no signature',
  );
  refuseUnless(lines.length <= MAX_SIGNATURES, 'MALFORMED', `note: more than ${MAX_SIGNATURES} signatures`);
  return { text, signatures: lines.map(parseSignatureLine) };
}

/**
 * Refuses (BAD_SIGNATURE) unless at least one of `keys` signed the note, and none of them appears with a signature that
 * does not verify. Lines of other keys are ignored.
 */
export function verifyNote(note: UnverifiedNote, keys: readonly NoteKey[], verify: VerifySignature): void {
  const message = utf8(note.text);
  let verified = 0;
  for (const line of note.signatures) {
    const key = keys.find(({ name, keyId }) => name === line.name && isEqualBytes(keyId, line.keyId));
    if (!key) continue;
    const isValid = verify(key.publicKey, message, line.signature);
    refuseUnless(isValid, 'BAD_SIGNATURE', `note: invalid signature of ${key.name}+${toHex(key.keyId)}`);
    verified++;
  }
  refuseUnless(verified > 0, 'BAD_SIGNATURE', 'note: not signed by a known key');
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
