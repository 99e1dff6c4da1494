import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { generateSharingKey, nobleCiphers, open, seal } from '../src/share-sealing.ts';
import { nodeCiphers } from './sealing-ciphers.ts';

const RECIPIENT = generateSharingKey(new Uint8Array(32).fill(1));
const ASSOCIATED = new Uint8Array(73).fill(2);
/** A point of order 8 (RFC 7748, section 6.1): its shared secret is zero whatever the other key. */
const SMALL_ORDER = Buffer.from('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'hex');

function sealed(ciphers = nodeCiphers, length = 8192) {
  const random = new Uint8Array(64).fill(3);
  const plaintext = new Uint8Array(length).fill(4);
  return seal({ recipient: RECIPIENT.publicKey, plaintext, associatedData: ASSOCIATED, random }, ciphers);
}

test('seals the same bytes as the implementation that runs anywhere', () => {
  for (const length of [0, 1, 16, 8192]) {
    assert.deepEqual(sealed(nodeCiphers, length), sealed(nobleCiphers, length), `${length} bytes`);
  }
});

test('each opens what the other sealed, with any key', () => {
  for (let i = 0; i < 10; i++) {
    const { publicKey: recipient, secretKey } = generateSharingKey(randomBytes(32));
    const message = {
      recipient,
      plaintext: randomBytes(100),
      associatedData: ASSOCIATED,
      random: randomBytes(64),
    };
    for (const [one, other] of [
      [nodeCiphers, nobleCiphers],
      [nobleCiphers, nodeCiphers],
    ]) {
      const bytes = open({ secretKey, sealed: seal(message, one), associatedData: ASSOCIATED }, other);
      assert.deepEqual([...bytes], [...message.plaintext]);
    }
  }
});

test('one flipped bit, a cut and other bound data are refused', () => {
  const { secretKey } = RECIPIENT;
  const good = sealed();
  for (const place of [0, 1087, 1088, 1119, 1120, 1136, good.length - 17, good.length - 1]) {
    const bad = good.slice();
    bad[place]! ^= 1;
    const opening = { secretKey, sealed: bad, associatedData: ASSOCIATED };
    assert.throws(() => open(opening, nodeCiphers), { code: 'BAD_SHARE' }, `byte ${place}`);
  }
  for (const length of [0, 1119, 1135, 1136, good.length - 1]) {
    const opening = { secretKey, sealed: good.subarray(0, length), associatedData: ASSOCIATED };
    assert.throws(() => open(opening, nodeCiphers), { code: 'BAD_SHARE' }, `${length} bytes`);
  }
  const elsewhere = { secretKey, sealed: good, associatedData: new Uint8Array(73) };
  assert.throws(() => open(elsewhere, nodeCiphers), { code: 'BAD_SHARE' });
});

test('a point of small order is refused, in a public key and in a sealed share', () => {
  const recipient = RECIPIENT.publicKey.slice();
  recipient.set(SMALL_ORDER, recipient.length - 32);
  const message = {
    recipient,
    plaintext: new Uint8Array(1),
    associatedData: ASSOCIATED,
    random: randomBytes(64),
  };
  const bad = sealed();
  bad.set(SMALL_ORDER, 1088);
  const opening = { secretKey: RECIPIENT.secretKey, sealed: bad, associatedData: ASSOCIATED };
  for (const ciphers of [nodeCiphers, nobleCiphers]) {
    assert.throws(() => seal(message, ciphers), { code: 'MALFORMED' });
    assert.throws(() => open(opening, ciphers), { code: 'BAD_SHARE' });
  }
});
