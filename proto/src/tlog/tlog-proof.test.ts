import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { checkSignature } from '../../node/check-signature.ts';
import { createEd25519Signer } from '../../node/ed25519.ts';
import { encodeBase64 } from '../base64.ts';
import { toHex, utf8, type Bytes } from '../bytes.ts';
import { signCosignature } from './cosignature.ts';
import { claimCosignatures, claimCosignedCheckpoint } from './cosigned-checkpoint.ts';
import { hashLeaf } from './merkle.ts';
import { createMlDsa44Signer } from './ml-dsa.ts';
import { createNoteKey, encodeVkey, type NoteKey } from './note-key.ts';
import { encodeNote, encodeSignatureLines, parseNote } from './note.ts';
import { encodeTlogPolicy, parseTlogPolicy, type TlogPolicy } from './tlog-policy.ts';
import { claimLogged, encodeTlogProof, parseTlogProof } from './tlog-proof.ts';
import { parseCosignatures } from './witness-protocol.ts';
import { createWebCryptoCheck } from './web-crypto-check.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../../test/vectors/tlog/${name}`, import.meta.url), 'utf8');

// Vector V6, over the golden log (V3) with the cosignatures of V5.
const PROOF = read('five.tlog-proof');
const CHECKPOINT = read('checkpoint');
const POLICY = parseTlogPolicy(utf8(read('policy')));
const [LOG_LINE, W1_LINE, PQ_LINE] = CHECKPOINT.split('\n\n')[1]!.split('\n') as [string, string, string];
const TEXT = `${CHECKPOINT.split('\n\n')[0]!}\n`;
const noteOf = (...lines: string[]) => utf8(`${TEXT}\n${lines.map((line) => `${line}\n`).join('')}`);
const policyOf = (quorum: string) =>
  parseTlogPolicy(
    utf8(
      `log ${read('log.vkey')}\nwitness w1 ${read('w1.vkey')}\nwitness pq ${read('pq.vkey')}\n${quorum}\n`,
    ),
  );
const open = (bytes: Bytes, policy: TlogPolicy) =>
  claimCosignedCheckpoint(bytes, policy).verify(checkSignature);
const isLogged = (proof: string, entry = 'five', policy = POLICY) =>
  claimLogged(parseTlogProof(utf8(proof)), utf8(entry), policy).verify(checkSignature);

test('the published proof of an entry is read, and spelled the same again', () => {
  const proof = parseTlogProof(utf8(PROOF));
  assert.equal(proof.index, 4n);
  assert.deepEqual(proof.hashes.map(encodeBase64), [
    'yiM+eia4w1wsk/Ukx7kF56IQVkDW3MWUaUz/VtJu+yU=',
    'nk9gCR+floFqznAPtqjjcnnV64dge2jQB95D5t164Hg=',
    'zY1lN35vrXYAPixXSd59LsU29xUJtuW4o2dNNg5Y2Co=',
    '5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks=',
  ]);
  assert.equal(encodeTlogProof(proof), PROOF);
  assert.equal(
    toHex(hashLeaf(utf8('five'))),
    'ccc29ae0e02a77b0f4578c1ac17493d79cf4262104929ac804f91fc4e7ac5af0',
  );
});

test('the published proof verifies under its policy, at once and by WebCrypto', async () => {
  const checkpoint = isLogged(PROOF);
  assert.equal(checkpoint.size, 15n);
  assert.deepEqual(checkpoint.cosignings, [{ witness: 'w1', timeSeconds: 1_700_000_000n }]);
  const claimed = claimLogged(parseTlogProof(utf8(PROOF)), utf8('five'), POLICY);
  assert.deepEqual(await claimed.verifyLater(createWebCryptoCheck(webcrypto.subtle)), checkpoint);
});

test('a proof holds for its own entry and place only', () => {
  assert.throws(() => isLogged(PROOF, 'six'), { code: 'BAD_PROOF' });
  assert.throws(() => isLogged(PROOF.replace('index 4', 'index 5')), { code: 'BAD_PROOF' });
  assert.throws(() => isLogged(PROOF.replace('index 4', 'index 15')), { code: 'BAD_PROOF' });
  assert.throws(() => isLogged(PROOF.replace('yiM+', 'yiM/')), { code: 'BAD_PROOF' });
});

test('extra data is kept, and proves nothing', () => {
  const withExtra = PROOF.replace('index', 'extra AAEC\nindex');
  assert.deepEqual(parseTlogProof(utf8(withExtra)).extra, Uint8Array.of(0, 1, 2));
  assert.equal(encodeTlogProof(parseTlogProof(utf8(withExtra))), withExtra);
  isLogged(withExtra);
});

test('an index of 2^64-1 is read exactly', () => {
  const { index } = parseTlogProof(utf8(PROOF.replace('index 4', 'index 18446744073709551615')));
  assert.equal(index, (1n << 64n) - 1n);
});

const hashLine = 'nk9gCR+floFqznAPtqjjcnnV64dge2jQB95D5t164Hg=\n';
const BAD: Record<string, string> = {
  empty: '',
  'another version': PROOF.replace('@v1', '@v2'),
  'no first line': PROOF.slice(PROOF.indexOf('\n') + 1),
  'no index': PROOF.replace('index 4\n', ''),
  'index with a leading zero': PROOF.replace('index 4', 'index 04'),
  'index with a sign': PROOF.replace('index 4', 'index +4'),
  'index 2^64': PROOF.replace('index 4', 'index 18446744073709551616'),
  'two spaces before the index': PROOF.replace('index 4', 'index  4'),
  'extra data after the index': PROOF.replace('index 4\n', 'index 4\nextra AAEC\n'),
  'extra data twice': PROOF.replace('index', 'extra AAEC\nextra AAEC\nindex'),
  'extra data with stray bits': PROOF.replace('index', 'extra AB==\nindex'),
  'a hash of 31 bytes': PROOF.replace(hashLine, `${encodeBase64(new Uint8Array(31))}\n`),
  'a hash with stray base64 bits': PROOF.replace('164Hg=', '164Hh='),
  'a hash without padding': PROOF.replace('164Hg=', '164Hg'),
  'a hash with a space': PROOF.replace('164Hg=', '164Hg= '),
  '65 hashes': PROOF.replace(hashLine, hashLine.repeat(62)),
  'no blank line': PROOF.replaceAll('\n\n', '\n'),
  'carriage returns': PROOF.replaceAll('\n', '\r\n'),
  'a checkpoint without signatures': PROOF.slice(0, PROOF.indexOf('—')),
  'no final newline': PROOF.slice(0, -1),
};

for (const [defect, text] of Object.entries(BAD)) {
  test(`a proof is refused: ${defect}`, () => {
    assert.throws(() => parseTlogProof(utf8(text)), { code: 'MALFORMED' });
  });
}

test('a checkpoint with the cosignatures of both kinds satisfies a quorum of both', () => {
  const { cosignings } = open(utf8(CHECKPOINT), policyOf('group g all w1 pq\nquorum g'));
  assert.deepEqual(
    cosignings.map(({ witness }) => witness),
    ['w1', 'pq'],
  );
});

test('a checkpoint needs the quorum of its policy', () => {
  const both = policyOf('group g all w1 pq\nquorum g');
  assert.throws(() => open(noteOf(LOG_LINE, W1_LINE), both), { code: 'TOO_FEW_COSIGNATURES' });
  assert.throws(() => open(noteOf(LOG_LINE), policyOf('quorum w1')), /no witness of it/);
  open(noteOf(LOG_LINE), policyOf('quorum none'));
});

test('a witness that cosigns twice counts once, with its later time', () => {
  const { sign, publicKey } = createEd25519Signer(new Uint8Array(32).fill(2));
  const key = createNoteKey('witness.example/w1', publicKey, 'ed25519-cosignature');
  const again = encodeSignatureLines([
    signCosignature({ text: TEXT, timeSeconds: 1_800_000_000n }, key, sign),
  ]).trimEnd();
  const { cosignings } = open(noteOf(LOG_LINE, again, W1_LINE), policyOf('quorum w1'));
  assert.deepEqual(cosignings, [{ witness: 'w1', timeSeconds: 1_800_000_000n }]);
  assert.throws(() => open(noteOf(LOG_LINE, again, W1_LINE), policyOf('group g all w1 pq\nquorum g')), {
    code: 'TOO_FEW_COSIGNATURES',
  });
});

test('attack: the cosignature of an unknown witness does not count', () => {
  const unknown = createMlDsa44Signer(new Uint8Array(32).fill(99));
  for (const name of ['witness.example/stranger', 'witness.example/pq']) {
    const key = createNoteKey(name, unknown.publicKey, 'ml-dsa-44-cosignature');
    const cosignature = signCosignature({ text: TEXT, timeSeconds: 1_700_000_000n }, key, unknown.sign);
    const line = encodeSignatureLines([cosignature]).trimEnd();
    assert.throws(() => open(noteOf(LOG_LINE, W1_LINE, line), policyOf('group g all w1 pq\nquorum g')), {
      code: 'TOO_FEW_COSIGNATURES',
    });
    // It does no harm either.
    open(noteOf(LOG_LINE, W1_LINE, line), policyOf('quorum w1'));
  }
});

test('attack: a cosignature under the key ID of a known witness, by another key, is refused', () => {
  const stranger = createEd25519Signer(new Uint8Array(32).fill(98));
  const { publicKey } = createEd25519Signer(new Uint8Array(32).fill(2));
  const key = createNoteKey('witness.example/w1', publicKey, 'ed25519-cosignature');
  const line = encodeSignatureLines([signCosignature({ text: TEXT, timeSeconds: 1n }, key, stranger.sign)]);
  assert.throws(() => open(noteOf(LOG_LINE, line.trimEnd()), policyOf('quorum w1')), {
    code: 'BAD_SIGNATURE',
  });
});

test('attack: a log does not cosign for itself, and a witness does not sign for a log', () => {
  assert.throws(() => open(noteOf(W1_LINE, PQ_LINE), policyOf('quorum w1')), { code: 'BAD_SIGNATURE' });
  const log = policyOf('quorum none').logs[0]!.key;
  const asWitness = createNoteKey(log.name, log.publicKey, 'ed25519-cosignature');
  const policy = { ...policyOf('quorum w1'), witnesses: [{ name: 'w1', key: asWitness }] };
  assert.throws(() => open(noteOf(LOG_LINE), parseTlogPolicy(utf8(encodeTlogPolicy(policy)))), {
    code: 'TOO_FEW_COSIGNATURES',
  });
});

test('attack: a quorum of witnesses does not stand in for the log: its own signature must verify', () => {
  const forged = LOG_LINE.replace('dlPWF74ewI=', 'dlPWF74ewM=');
  assert.notEqual(forged, LOG_LINE);
  assert.throws(() => open(noteOf(forged, W1_LINE), policyOf('quorum w1')), { code: 'BAD_SIGNATURE' });
});

test('a log may sign with ML-DSA-44, for its own origin only', () => {
  const { publicKey, sign } = createMlDsa44Signer(new Uint8Array(32).fill(4));
  const noteBy = (name: string) => {
    const key = createNoteKey(name, publicKey, 'ml-dsa-44-cosignature');
    const policy = parseTlogPolicy(utf8(`log ${encodeVkey(key)}\nquorum none\n`));
    const line = encodeSignatureLines([
      signCosignature({ text: TEXT, timeSeconds: 1n }, key, sign),
    ]).trimEnd();
    return { policy, line };
  };
  const { policy, line } = noteBy('example.com/log/testdata');
  open(noteOf(line), policy);
  assert.throws(() => open(noteOf(LOG_LINE), policy), { code: 'BAD_SIGNATURE' });
  const other = noteBy('example.com/other');
  assert.throws(() => open(noteOf(other.line), other.policy), { code: 'BAD_SIGNATURE' });
});

test('the cosignatures of an answer join the note of the log, each in the place of an older one', () => {
  const [w1, pq] = policyOf('quorum none').witnesses.map(({ key }) => key) as [NoteKey, NoteKey];
  const answer = parseCosignatures(utf8(`${W1_LINE}\n${PQ_LINE}\n`));
  const first = claimCosignatures(parseNote(noteOf(LOG_LINE)), answer, [w1]).verify(checkSignature);
  assert.equal(encodeNote(first), Buffer.from(noteOf(LOG_LINE, W1_LINE)).toString());
  const second = claimCosignatures(first, answer, [pq, w1]).verify(checkSignature);
  assert.equal(encodeNote(second), CHECKPOINT);
});

test('an answer without a known cosignature, or with one that does not verify, adds nothing', () => {
  const [w1] = policyOf('quorum none').witnesses.map(({ key }) => key) as [NoteKey];
  const note = parseNote(noteOf(LOG_LINE));
  const refused = { code: 'BAD_SIGNATURE' };
  assert.throws(() => claimCosignatures(note, parseCosignatures(utf8(`${PQ_LINE}\n`)), [w1]), refused);
  const other = { ...note, text: note.text.replace('\n15\n', '\n16\n') };
  const claimed = claimCosignatures(other, parseCosignatures(utf8(`${W1_LINE}\n`)), [w1]);
  assert.throws(() => claimed.verify(checkSignature), refused);
});

test('a checkpoint of a log that the policy does not name is refused', () => {
  const policy = { ...policyOf('quorum none'), logs: [] };
  assert.throws(() => open(utf8(CHECKPOINT), policy), { code: 'BAD_SIGNATURE' });
});
