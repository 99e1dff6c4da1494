import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { toHex, utf8 } from './bytes.ts';
import {
  generateSharingKey,
  open,
  seal,
  SEAL_OVERHEAD_BYTES,
  SEALED_SHARE_BYTES,
  shareAssociatedData,
  type SealBinding,
} from './share-sealing.ts';

const RECIPIENT = generateSharingKey(new Uint8Array(32).fill(1));
const OTHER = generateSharingKey(new Uint8Array(32).fill(2));
const BINDING: SealBinding = {
  purpose: 'share',
  context: new Uint8Array(32).fill(3),
  dealer: 1,
  recipient: 2,
  ciphertextRoot: new Uint8Array(32).fill(4),
};
const ASSOCIATED = shareAssociatedData(BINDING);
const PLAINTEXT = utf8('a share');

function sealed(random = new Uint8Array(64).fill(5), plaintext = PLAINTEXT): Uint8Array {
  return seal({ recipient: RECIPIENT.publicKey, plaintext, associatedData: ASSOCIATED, random });
}

function opened(bytes: Uint8Array, associatedData = ASSOCIATED, key = RECIPIENT): Uint8Array {
  return open({ secretKey: key.secretKey, sealed: bytes, associatedData });
}

test('the recipient opens what was sealed for it, empty and full-size', () => {
  assert.deepEqual(opened(sealed()), PLAINTEXT);
  assert.equal(sealed().length, PLAINTEXT.length + SEAL_OVERHEAD_BYTES);
  assert.equal(opened(sealed(undefined, new Uint8Array(0))).length, 0);
  const share = randomBytes(8192);
  assert.equal(sealed(undefined, share).length, SEALED_SHARE_BYTES);
  assert.deepEqual([...opened(sealed(undefined, share))], [...share]);
});

test('the key pair of a seed is that of the X-Wing draft', () => {
  // draft-connolly-cfrg-xwing-kem, appendix C, first vector: its seed, and the start and end of its public key.
  const seed = Uint8Array.from(
    Buffer.from('7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26', 'hex'),
  );
  const publicKey = toHex(generateSharingKey(seed).publicKey);
  assert.equal(publicKey.slice(0, 32), 'e2236b35a8c24b39b10aa1323a96a919');
  assert.equal(publicKey.length, 2 * 1216);
});

test('sealing is determined by its arguments, and twice the same share looks different', () => {
  assert.deepEqual(sealed(), sealed());
  const [one, other] = [sealed(randomBytes(64)), sealed(randomBytes(64))];
  assert.notEqual(toHex(one.subarray(0, 1120)), toHex(other.subarray(0, 1120)));
  assert.notEqual(toHex(one.subarray(1120)), toHex(other.subarray(1120)));
});

test('one flipped bit anywhere is refused', () => {
  const good = sealed();
  // ML-KEM part, its last byte, X25519 part, its last byte, AES-GCM ciphertext, tag.
  const places = [0, 1, 543, 1087, 1088, 1100, 1119, 1120, 1126, 1127, 1135, good.length - 1];
  for (const place of places) {
    const bad = good.slice();
    bad[place]! ^= 1 << (place % 7);
    assert.throws(
      () => opened(bad),
      { code: 'BAD_SHARE', detail: 'sealed share does not open' },
      `byte ${place}`,
    );
  }
});

test('a cut or lengthened sealed share is refused', () => {
  const good = sealed();
  for (const bad of [
    new Uint8Array(0),
    good.subarray(0, 1135),
    good.subarray(0, -1),
    new Uint8Array([...good, 0]),
  ]) {
    assert.throws(() => opened(bad), { code: 'BAD_SHARE' });
  }
});

test('a sealed share that cannot even hold its overhead is refused as such', () => {
  const short = new Uint8Array(SEAL_OVERHEAD_BYTES - 1);
  assert.throws(() => opened(short), { code: 'BAD_SHARE', detail: 'sealed share of only 1135 bytes' });
});

test('another recipient cannot open it', () => {
  assert.throws(() => opened(sealed(), ASSOCIATED, OTHER), { code: 'BAD_SHARE' });
});

test('it opens only in its own round, between its own sites, for its own ciphertext and purpose', () => {
  const different: Partial<SealBinding>[] = [
    { purpose: 'opening' },
    { context: new Uint8Array(32) },
    { dealer: 2 },
    { recipient: 1 },
    { ciphertextRoot: new Uint8Array(32) },
  ];
  for (const change of different) {
    const associatedData = shareAssociatedData({ ...BINDING, ...change });
    assert.throws(() => opened(sealed(), associatedData), { code: 'BAD_SHARE' }, JSON.stringify(change));
  }
});

test('an X25519 point of low order is refused', () => {
  const bad = sealed();
  bad.fill(0, 1088, 1120);
  assert.throws(() => opened(bad), { code: 'BAD_SHARE' });
});

test('an invalid public key is refused as malformed', () => {
  for (const recipient of [new Uint8Array(1216).fill(255), new Uint8Array(1215), new Uint8Array(0)]) {
    assert.throws(
      () => seal({ recipient, plaintext: PLAINTEXT, associatedData: ASSOCIATED, random: new Uint8Array(64) }),
      { code: 'MALFORMED' },
    );
  }
});

test('arguments of a wrong length are our own bug', () => {
  assert.throws(() => generateSharingKey(new Uint8Array(31)), TypeError);
  assert.throws(() => sealed(new Uint8Array(32)), TypeError);
  assert.throws(() => shareAssociatedData({ ...BINDING, context: new Uint8Array(31) }), TypeError);
  assert.throws(() => shareAssociatedData({ ...BINDING, dealer: -1 }), RangeError);
  assert.throws(
    () => open({ secretKey: new Uint8Array(31), sealed: sealed(), associatedData: ASSOCIATED }),
    TypeError,
  );
});
