// The ciphers of sealed shares with X25519 and AES-GCM from node:crypto: the results of nobleCiphers, several times faster.
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  randomBytes,
} from 'node:crypto';
import type { KEM } from '@noble/post-quantum/utils.js';
import { combineKEMS, expandSeedXof } from '@noble/post-quantum/hybrid.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { concat, utf8, type Bytes } from '../src/bytes.ts';
import type { SealingCiphers } from '../src/share-sealing.ts';

const KEY_BYTES = 32;
const TAG_BYTES = 16;
/** RFC 8410: what precedes the 32 bytes of a private key (PKCS #8) and of a public key (SubjectPublicKeyInfo). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const XWING_LABEL = utf8('\\.//^\\');

function toPrivateKey(secretKey: Bytes) {
  const der = Buffer.concat([PRIVATE_PREFIX, secretKey]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return key;
}

function toPublicBytes(secretKey: Bytes): Uint8Array<ArrayBuffer> {
  const der = createPublicKey(toPrivateKey(secretKey)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(PUBLIC_PREFIX.length));
}

/** Throws for a point of small order, whose shared secret is zero (RFC 7748 section 6.1). */
function sharedSecret(secretKey: Bytes, publicKey: Bytes): Uint8Array<ArrayBuffer> {
  const der = Buffer.concat([PUBLIC_PREFIX, publicKey]);
  const peer = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return new Uint8Array(diffieHellman({ privateKey: toPrivateKey(secretKey), publicKey: peer }));
}

/** X25519 as a key encapsulation mechanism: the ciphertext is an ephemeral public key. Only for X-Wing's combiner. */
const x25519: KEM = {
  lengths: {
    seed: KEY_BYTES,
    secretKey: KEY_BYTES,
    publicKey: KEY_BYTES,
    msg: KEY_BYTES,
    cipherText: KEY_BYTES,
  },
  keygen: (seed = randomBytes(KEY_BYTES)) => ({
    secretKey: new Uint8Array(seed),
    publicKey: toPublicBytes(seed),
  }),
  getPublicKey: toPublicBytes,
  encapsulate: (publicKey, ephemeral = randomBytes(KEY_BYTES)) => ({
    sharedSecret: sharedSecret(ephemeral, publicKey),
    cipherText: toPublicBytes(ephemeral),
  }),
  decapsulate: (cipherText, secretKey) => sharedSecret(secretKey, cipherText),
};

export const nodeCiphers: SealingCiphers = {
  kem: combineKEMS(
    KEY_BYTES,
    KEY_BYTES,
    expandSeedXof(shake256),
    (publicKeys: Bytes[], cipherTexts: Bytes[], secrets: Bytes[]) =>
      sha3_256(concat(...secrets, cipherTexts[1]!, publicKeys[1]!, XWING_LABEL)),
    ml_kem768,
    x25519,
  ),
  gcm: (key, nonce, associatedData) => ({
    encrypt(plaintext) {
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(associatedData);
      return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
    },
    decrypt(ciphertext) {
      const tagAt = ciphertext.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(associatedData);
      decipher.setAuthTag(ciphertext.subarray(tagAt));
      return concat(decipher.update(ciphertext.subarray(0, tagAt)), decipher.final());
    },
  }),
};
