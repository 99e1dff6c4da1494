import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSignature } from '../../node/check-signature.ts';
import { createEd25519Signer } from '../../node/ed25519.ts';
import { encodeBase64 } from '../base64.ts';
import { utf8, type Bytes } from '../bytes.ts';
import { signCheckpoint } from './checkpoint.ts';
import { signCosignature } from './cosignature.ts';
import { consistencyProof, EMPTY_ROOT, hashLeaf, merkleRoot } from './merkle.ts';
import { createNoteKey } from './note-key.ts';
import { encodeSignatureLines, parseNote } from './note.ts';
import {
  encodeAddCheckpoint,
  parseAddCheckpoint,
  parseCosignatures,
  parseWitnessSize,
  toMonitoringPath,
} from './witness-protocol.ts';
import { decideCosigning, type WitnessedHead } from './witness.ts';

const ORIGIN = 'log.example.org';
const signer = createEd25519Signer(new Uint8Array(32).fill(7));
const KEY = createNoteKey(ORIGIN, signer.publicKey);
const LEAVES = Array.from({ length: 40 }, (_, i) => hashLeaf(utf8(`entry ${i}`)));
const FORK = LEAVES.map((leaf, i) => (i === 3 ? hashLeaf(utf8('other')) : leaf));

const noteOf = (size: number, leaves = LEAVES, sign = signer.sign) =>
  signCheckpoint({ origin: ORIGIN, size: BigInt(size), root: merkleRoot(leaves.slice(0, size)) }, KEY, sign);
const headOf = (size: number, leaves = LEAVES): WitnessedHead => ({
  size: BigInt(size),
  root: merkleRoot(leaves.slice(0, size)),
  note: noteOf(size, leaves),
});
const proofOf = (old: number, size: number, leaves = LEAVES) => consistencyProof(leaves.slice(0, size), old);
const requestOf = (old: number | bigint, proof: readonly Bytes[], note: string) =>
  parseAddCheckpoint(encodeAddCheckpoint({ oldSize: BigInt(old), proof, note: parseNote(utf8(note)) }));
const decide = (head: WitnessedHead | undefined, ...request: Parameters<typeof requestOf>) =>
  decideCosigning({ keys: [KEY], head }, requestOf(...request), checkSignature);
const refusalOf = (decision: ReturnType<typeof decide>) =>
  decision.kind === 'refuse' ? `${decision.refusal.status} ${decision.refusal.body}` : decision.kind;

test('a first checkpoint, one that extends it, and the same again are cosigned', () => {
  assert.deepEqual(decide(undefined, 0, [], noteOf(7)), { kind: 'cosign', head: headOf(7) });
  assert.deepEqual(decide(headOf(7), 7, proofOf(7, 40), noteOf(40)), { kind: 'cosign', head: headOf(40) });
  assert.deepEqual(decide(headOf(40), 40, [], noteOf(40)), { kind: 'cosign', head: headOf(40) });
});

test('an empty tree is cosigned, and what grows from it', () => {
  assert.equal(decide(undefined, 0, [], noteOf(0)).kind, 'cosign');
  assert.equal(decide(headOf(0), 0, [], noteOf(5)).kind, 'cosign');
});

test('lines of others are not kept', () => {
  const witness = createEd25519Signer(new Uint8Array(32).fill(8));
  const key = createNoteKey('w.example', witness.publicKey, 'ed25519-cosignature');
  const text = noteOf(7).split('\n\n')[0]! + '\n';
  const line = encodeSignatureLines([signCosignature({ text, timeSeconds: 1n }, key, witness.sign)]);
  assert.deepEqual(decide(undefined, 0, [], noteOf(7) + line), { kind: 'cosign', head: headOf(7) });
});

test('a log that is not known is answered 404, before its signature is looked at', () => {
  const request = requestOf(0, [], noteOf(7));
  const decision = decideCosigning({ keys: [], head: undefined }, request, () => assert.fail('checked'));
  assert.match(refusalOf(decision), /^404 /);
});

test('a signature by no trusted key, or a bad one, is answered 403', () => {
  const stranger = createEd25519Signer(new Uint8Array(32).fill(9));
  assert.match(refusalOf(decide(undefined, 0, [], noteOf(7, LEAVES, stranger.sign))), /^403 /);
  const strangerKey = createNoteKey(ORIGIN, stranger.publicKey);
  const note = signCheckpoint({ origin: ORIGIN, size: 0n, root: EMPTY_ROOT }, strangerKey, stranger.sign);
  assert.match(refusalOf(decide(undefined, 0, [], note)), /^403 /);
});

test('an old size above the checkpoint is answered 400', () => {
  assert.match(refusalOf(decide(headOf(40), 40, [], noteOf(7))), /^400 /);
});

test('another old size than the one seen is answered 409 with that size', () => {
  for (const [head, old] of [
    [headOf(7), 0],
    [headOf(7), 8],
    [undefined, 7],
  ] as const) {
    const decision = decide(head, old, proofOf(old, 40), noteOf(40));
    assert.equal(refusalOf(decision), `409 ${head ? 7 : 0}\n`);
    assert.equal(decision.kind === 'refuse' && decision.refusal.mediaType, 'text/x.tlog.size');
  }
});

test('attack: a forked log is answered 422, whether it grew or not', () => {
  assert.match(refusalOf(decide(headOf(7), 7, proofOf(7, 40, FORK), noteOf(40, FORK))), /^422 /);
  assert.match(refusalOf(decide(headOf(7), 7, [], noteOf(7, FORK))), /^422 two different roots/);
});

test('attack: a log that shrank is not cosigned, whatever old size it claims', () => {
  assert.match(refusalOf(decide(headOf(40), 40, [], noteOf(7))), /^400 /);
  assert.equal(refusalOf(decide(headOf(40), 7, [], noteOf(7))), '409 40\n');
  assert.equal(refusalOf(decide(headOf(40), 0, [], noteOf(7))), '409 40\n');
});

test('a missing, a superfluous and a changed proof are answered 422', () => {
  assert.match(refusalOf(decide(headOf(7), 7, [], noteOf(40))), /^422 /);
  assert.match(refusalOf(decide(headOf(7), 7, [...proofOf(7, 40), EMPTY_ROOT], noteOf(40))), /^422 /);
  assert.match(refusalOf(decide(headOf(7), 7, proofOf(7, 40).reverse(), noteOf(40))), /^422 /);
  assert.match(refusalOf(decide(undefined, 0, [EMPTY_ROOT], noteOf(40))), /^422 /);
  assert.match(refusalOf(decide(headOf(40), 40, [EMPTY_ROOT], noteOf(40))), /^422 /);
});

test('size 0 with the root of another tree is answered 422', () => {
  const note = signCheckpoint({ origin: ORIGIN, size: 0n, root: LEAVES[0]! }, KEY, signer.sign);
  assert.match(refusalOf(decide(undefined, 0, [], note)), /^422 /);
});

test('a request is spelled in one way', () => {
  const body = encodeAddCheckpoint({ oldSize: 7n, proof: proofOf(7, 40), note: parseNote(utf8(noteOf(40))) });
  const { checkpoint, ...request } = parseAddCheckpoint(body);
  assert.equal(checkpoint.size, 40n);
  assert.deepEqual(encodeAddCheckpoint(request), body);
});

const BODY = `old 7\n${proofOf(7, 40)
  .map((hash) => `${encodeBase64(hash)}\n`)
  .join('')}\n${noteOf(40)}`;
const BAD: Record<string, string> = {
  empty: '',
  'no old size': BODY.slice(BODY.indexOf('\n') + 1),
  'an old size with a leading zero': BODY.replace('old 7', 'old 07'),
  'a negative old size': BODY.replace('old 7', 'old -7'),
  'an old size of 2^64': BODY.replace('old 7', 'old 18446744073709551616'),
  'capital Old': BODY.replace('old 7', 'Old 7'),
  'no blank line': BODY.replaceAll('\n\n', '\n'),
  'no checkpoint': BODY.slice(0, BODY.indexOf('\n\n') + 2),
  'a hash of 31 bytes': BODY.replace('old 7\n', `old 7\n${encodeBase64(new Uint8Array(31))}\n`),
  'a hash with stray base64 bits': BODY.replace(
    'old 7\n',
    `old 7\n${encodeBase64(EMPTY_ROOT).replace('U=', 'V=')}\n`,
  ),
  '64 hashes': BODY.replace('old 7\n', `old 7\n${`${encodeBase64(EMPTY_ROOT)}\n`.repeat(64)}`),
  'no signature': BODY.slice(0, BODY.indexOf('—')),
  'carriage returns': BODY.replaceAll('\n', '\r\n'),
  'more than a mebibyte': `${BODY}${'x'.repeat(1 << 20)}`,
};

for (const [defect, text] of Object.entries(BAD)) {
  test(`a request is refused: ${defect}`, () => {
    assert.throws(() => parseAddCheckpoint(utf8(text)), { code: 'MALFORMED' });
  });
}

test('a request is refused: a note that is no checkpoint', () => {
  assert.throws(() => parseAddCheckpoint(utf8(BODY.replace('\n40\n', '\nforty\n'))), {
    code: 'BAD_CHECKPOINT',
  });
});

test('63 hashes are the most that a request has', () => {
  const note = parseNote(utf8(noteOf(40)));
  const proof = Array.from({ length: 64 }, () => EMPTY_ROOT);
  assert.equal(
    parseAddCheckpoint(encodeAddCheckpoint({ oldSize: 7n, proof: proof.slice(1), note })).proof.length,
    63,
  );
  assert.throws(() => encodeAddCheckpoint({ oldSize: 7n, proof, note }), RangeError);
});

test('the answers of a witness are read strictly', () => {
  assert.equal(parseWitnessSize(utf8('18446744073709551615\n')), (1n << 64n) - 1n);
  for (const text of ['', '7', '07\n', '7\n\n', ' 7\n', `${' '.repeat(40)}7\n`])
    assert.throws(() => parseWitnessSize(utf8(text)), { code: 'MALFORMED' });
  const line = noteOf(7).split('\n\n')[1]!;
  assert.equal(parseCosignatures(utf8(line + line)).length, 2);
  for (const text of ['', '\n', line.trimEnd(), `${line}\n`, line.replace('—', '-')])
    assert.throws(() => parseCosignatures(utf8(text)), { code: 'MALFORMED' });
});

test('the monitoring path is the hash of the origin', () => {
  // printf %s log.example.org | sha256sum
  assert.equal(
    toMonitoringPath(ORIGIN),
    '46a919abe4719137c9182a51e8e8851aa062a5fcc88c8cebcf384f0f210879ae/checkpoint',
  );
});
