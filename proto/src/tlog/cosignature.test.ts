import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSignature } from '../../node/check-signature.ts';
import { createEd25519Signer } from '../../node/ed25519.ts';
import { toHex, utf8, type Bytes } from '../bytes.ts';
import { sha256 } from '../digest.ts';
import { cosignedMessage, signCosignature, toCosignatureClaim } from './cosignature.ts';
import { createMlDsa44Signer } from './ml-dsa.ts';
import {
  createNoteKey,
  encodeVkey,
  parseCosignerVkey,
  parseSkey,
  encodeSkey,
  parseVkey,
} from './note-key.ts';
import { encodeSignatureLines } from './note.ts';

// Vector V5: over the golden log of transparency-dev/tessera at 15 entries.
const TEXT = 'example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n';
const TIME = 1_700_000_000n;
const W1_VKEY = 'witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU';
const W1_LINE =
  '— witness.example/w1 3xwKNQAAAABlU/EAAn8Qi96ia32BBgPFL28GLNTp3M2xNrl/1B79z7PkS15vbBVPCCNcI1YnhmapEjDkpa+yN8A42xznlJQEdhTDAg==\n';

const w1 = createEd25519Signer(new Uint8Array(32).fill(2));
const w1Key = createNoteKey('witness.example/w1', w1.publicKey, 'ed25519-cosignature');
const pq = createMlDsa44Signer(new Uint8Array(32).fill(3));
const pqKey = createNoteKey('witness.example/pq', pq.publicKey, 'ml-dsa-44-cosignature');
const COSIGNERS = [
  { key: w1Key, sign: w1.sign },
  { key: pqKey, sign: pq.sign },
];

test('an Ed25519 cosignature is the published one, byte for byte', () => {
  assert.equal(encodeVkey(w1Key), W1_VKEY);
  const line = signCosignature({ text: TEXT, timeSeconds: TIME }, w1Key, w1.sign);
  assert.equal(encodeSignatureLines([line]), W1_LINE);
});

test('an ML-DSA-44 key, message and signature are the published ones', () => {
  assert.equal(toHex(pqKey.keyId), '7030f2f4');
  assert.equal(
    toHex(sha256(pq.publicKey)),
    'df5b5f45decfb203862a372b2fe7047bdbfdd7c54b39e8bff3f4b5442795f54b',
  );
  assert.equal(
    toHex(cosignedMessage({ text: TEXT, timeSeconds: TIME }, pqKey)),
    '737562747265652f76310a00127769746e6573732e6578616d706c652f7071000000006553f100186578616d706c652e636f6d2f6c6f672f74657374646174610000000000000000000000000000000faca6c38a90af86e5f5199ee0e4105ef2c03a05b27b8daff59e4e36eefdfcddcb',
  );
  const { signature } = signCosignature({ text: TEXT, timeSeconds: TIME }, pqKey, pq.sign);
  assert.equal(
    toHex(sha256(signature.slice(8))),
    'b401be1f457f8433b59a677b53f17a06c94f81e0f8a6838ceaba61d6e382e384',
  );
});

for (const { key, sign } of COSIGNERS) {
  const line = signCosignature({ text: TEXT, timeSeconds: TIME }, key, sign);
  const verifies = (text: string, signature: Bytes) =>
    checkSignature(toCosignatureClaim(text, { key, signature }).signature);

  test(`a cosignature by ${key.type} verifies, and tells its time`, () => {
    assert.equal(verifies(TEXT, line.signature), true);
    assert.equal(toCosignatureClaim(TEXT, { key, signature: line.signature }).timeSeconds, TIME);
  });

  test(`a cosignature by ${key.type} holds for no other time, size, root or origin`, () => {
    const later = Uint8Array.from(line.signature, (byte, i) => (i === 7 ? byte + 1 : byte));
    assert.equal(verifies(TEXT, later), false);
    for (const [from, to] of [
      ['\n15\n', '\n16\n'],
      ['rKbD', 'rKbE'],
      ['example.com', 'example.org'],
    ] as const)
      assert.equal(verifies(TEXT.replace(from, to), line.signature), false);
  });

  test(`a cosignature by ${key.type} with a byte less or more does not verify`, () => {
    assert.equal(verifies(TEXT, line.signature.slice(0, -1)), false);
    assert.equal(verifies(TEXT, Uint8Array.of(...line.signature, 0)), false);
  });

  test(`a cosignature by ${key.type} without a signature, or from after 2^63 seconds, is refused`, () => {
    const refused = { code: 'MALFORMED' };
    assert.throws(() => verifies(TEXT, line.signature.slice(0, 8)), refused);
    assert.throws(
      () =>
        verifies(
          TEXT,
          Uint8Array.from(line.signature, (byte, i) => (i ? byte : 0x80)),
        ),
      refused,
    );
  });

  test(`a key of type ${key.type} survives its spelling, and is no key of a log`, () => {
    assert.deepEqual(parseCosignerVkey(encodeVkey(key)), key);
    assert.throws(() => parseVkey(encodeVkey(key)), { code: 'MALFORMED' });
    const seed = new Uint8Array(32).fill(9);
    const secret = encodeSkey(key, seed);
    assert.deepEqual(parseSkey(secret, [key.type]), {
      name: key.name,
      type: key.type,
      keyId: key.keyId,
      seed,
    });
    assert.throws(() => parseSkey(secret), { code: 'MALFORMED' });
  });
}

test('extension lines are under an Ed25519 cosignature, and not under one by ML-DSA-44', () => {
  const [ed, ml] = COSIGNERS.map(({ key }) =>
    [TEXT, `${TEXT}ext\n`].map((text) => toHex(cosignedMessage({ text, timeSeconds: TIME }, key))),
  );
  assert.notEqual(ed![0], ed![1]);
  assert.equal(ml![0], ml![1]);
});

test('the names of witness and log are under an ML-DSA-44 cosignature', () => {
  const other = createNoteKey('witness.example/other', pq.publicKey, 'ml-dsa-44-cosignature');
  const { signature } = signCosignature({ text: TEXT, timeSeconds: TIME }, pqKey, pq.sign);
  assert.equal(checkSignature(toCosignatureClaim(TEXT, { key: other, signature }).signature), false);
});

test('the key of a log is no cosigner, and a cosigner of a log is none', () => {
  assert.throws(
    () => parseCosignerVkey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'),
    {
      code: 'MALFORMED',
    },
  );
  const log = createNoteKey('log.example.org', w1.publicKey);
  assert.throws(() => signCosignature({ text: TEXT, timeSeconds: TIME }, log, w1.sign), RangeError);
});

test('a vkey whose printed key ID is not its own is refused', () => {
  const wrong = encodeVkey(pqKey).replace('7030f2f4', '5893dc2c');
  assert.throws(() => parseCosignerVkey(wrong), /key ID is not that of the key/);
});

test('nobody cosigns without a time', () => {
  for (const timeSeconds of [0n, -1n, 1n << 63n])
    assert.throws(() => signCosignature({ text: TEXT, timeSeconds }, w1Key, w1.sign), RangeError);
});

test('a size above 2^53 is cosigned exactly', () => {
  const text = TEXT.replace('\n15\n', '\n18446744073709551615\n');
  const message = toHex(cosignedMessage({ text, timeSeconds: TIME }, pqKey));
  assert.ok(message.includes('0000000000000000ffffffffffffffff'));
});

test('an Ed25519 seed is not an ML-DSA-44 key', () => {
  assert.throws(() => createNoteKey('w', w1.publicKey, 'ml-dsa-44-cosignature'), RangeError);
  assert.throws(() => createMlDsa44Signer(utf8('short')), RangeError);
});
