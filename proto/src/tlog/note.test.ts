import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEd25519Signer, verifyEd25519 } from '../../node/ed25519.ts';
import { concat, parseHex, utf8 } from '../bytes.ts';
import { createNoteKey, parseSkey, parseVkey, type NoteKey } from './note-key.ts';
import { encodeNote, parseNote, signNote, verifyNote } from './note.ts';

// Vector V4: golang/mod sumdb/note and C2SP signed-note.
const PETER = parseVkey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
const PETER_SECRET = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const ENOCH = parseVkey('EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop');
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_BASE64 =
  'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=';
const PETER_LINE = `— PeterNeumann ${PETER_BASE64}\n`;
const ENOCH_LINE =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';

const open = (note: string, ...keys: NoteKey[]) => verifyNote(parseNote(utf8(note)), keys, verifyEd25519);

test('signing gives the published notes, byte for byte', () => {
  const peter = createEd25519Signer(parseSkey(PETER_SECRET).seed);
  const enoch = createEd25519Signer(new Uint8Array(32));
  assert.equal(signNote(TEXT, PETER, peter.sign), `${TEXT}\n${PETER_LINE}`);
  assert.equal(signNote(TEXT, ENOCH, enoch.sign), `${TEXT}\n${ENOCH_LINE}`);
});

test('a note by two keys verifies under either and under both', () => {
  const note = `${TEXT}\n${PETER_LINE}${ENOCH_LINE}`;
  open(note, PETER);
  open(note, ENOCH);
  open(note, PETER, ENOCH);
  assert.equal(encodeNote(parseNote(utf8(note))), note);
});

test('the published C2SP note verifies', () => {
  const key = parseVkey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
  const line =
    '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=';
  open(`This is an example message.\n\n${line}\n`, key);
});

test('the text ends at the last blank line', () => {
  const enoch = createEd25519Signer(new Uint8Array(32));
  const text = `${TEXT}\n${PETER_LINE}`;
  const note = signNote(text, ENOCH, enoch.sign);
  assert.equal(parseNote(utf8(note)).text, text);
  assert.throws(() => open(note, PETER), { code: 'BAD_SIGNATURE' });
});

test('a hundred signatures are read, and one key may repeat itself', () => {
  open(`${TEXT}\n${ENOCH_LINE.repeat(99)}${PETER_LINE}`, PETER);
  open(`${TEXT}\n${PETER_LINE}${PETER_LINE}`, PETER);
});

const flippedLine = PETER_LINE.replace('gcE', 'gdE').replace('pAcE', 'pAdE');
const UNVERIFIED = {
  'no known key': `${TEXT}\n${ENOCH_LINE}`,
  'known name, other key ID': `${TEXT}\n${PETER_LINE.replace('x08g', 'xxxx')}`,
  'known key ID, other name': `${TEXT}\n${PETER_LINE.replace('PeterNeumann', 'CarmenSandiego')}`,
  'flipped signature bit': `${TEXT}\n${flippedLine}`,
  'flipped text bit': `${TEXT.replace('answer', 'bnswer')}\n${PETER_LINE}`,
  'a valid and an invalid signature of one key': `${TEXT}\n${PETER_LINE}${flippedLine}`,
  'signature too long': `${TEXT}\n${PETER_LINE.slice(0, 60)}ABCD${PETER_LINE.slice(60)}`,
};

for (const [defect, note] of Object.entries(UNVERIFIED)) {
  test(`a note does not verify: ${defect}`, () => {
    assert.throws(() => open(note, PETER), { code: 'BAD_SIGNATURE' });
  });
}

test('a signature that only cofactored verification accepts does not verify', () => {
  const publicKey = parseHex('6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1', 32, 'key');
  const signature = parseHex(
    'd63c01223147541df4e170763e9e2788a8bf5971f52a93c5829dbe6f5ff6bba91f951c8814b739e0f7d3059145f48bc8c9e6fbe693c9fda5fec30bf62a553d0e',
    64,
    'signature',
  );
  const key = createNoteKey('log.example.org', publicKey);
  const note = { text: 'checkpoint\n', signatures: [{ name: key.name, keyId: key.keyId, signature }] };
  const verifyAnyText = (known: Uint8Array, _: Uint8Array, sig: Uint8Array) =>
    verifyEd25519(known, utf8('checkpoint'), sig);
  assert.throws(() => verifyNote(note, [key], verifyAnyText), { code: 'BAD_SIGNATURE' });
});

const MALFORMED = {
  'text only': TEXT,
  'no signature': `${TEXT}\n`,
  'no final newline': `${TEXT}\n${PETER_LINE.slice(0, -1)}`,
  'control character': `\u0001${TEXT}\n${PETER_LINE}`,
  'carriage return': `${TEXT.replace('\n', '\r\n')}\n${PETER_LINE}`,
  'space in the name': `${TEXT}\n— Bad Name ${PETER_BASE64}\n`,
  'plus sign in the name': `${TEXT}\n— Bad+Name ${PETER_BASE64}\n`,
  'no name': `${TEXT}\n—  ${PETER_BASE64}\n`,
  'two spaces': `${TEXT}\n— PeterNeumann  ${PETER_BASE64}\n`,
  'space at the end': `${TEXT}\n— PeterNeumann ${PETER_BASE64} \n`,
  'a line that is no signature': `${TEXT}\n${PETER_LINE}Unexpected line.\n`,
  'hyphen for a dash': `${TEXT}\n${PETER_LINE.replace('—', '-')}`,
  'key ID only': `${TEXT}\n— PeterNeumann x08gow==\n`,
  'base64 with stray bits': `${TEXT}\n— PeterNeumann x08go/Y=\n`.replace('Y=', 'Z='),
  '101 signatures': `${TEXT}\n${PETER_LINE.repeat(101)}`,
  'a million bytes': `${'x'.repeat(1_000_000)}\n\n${PETER_LINE}`,
};

for (const [defect, note] of Object.entries(MALFORMED)) {
  test(`a note is refused: ${defect}`, () => {
    assert.throws(() => parseNote(utf8(note)), { code: 'MALFORMED' });
  });
}

test('a note is refused: invalid UTF-8', () => {
  assert.throws(() => parseNote(concat(Uint8Array.of(0xff), utf8(`${TEXT}\n${PETER_LINE}`))), {
    code: 'MALFORMED',
  });
});

test('a text that no note can have is not encoded', () => {
  assert.throws(() => encodeNote({ text: 'abc', signatures: [] }), RangeError);
  assert.throws(() => encodeNote({ text: 'a\tb\n', signatures: [] }), RangeError);
});
