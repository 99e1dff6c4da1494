// Ed25519 (RFC 8032) by node:crypto, whose verification is cofactorless like Go's and WebCrypto's.
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { Bytes } from '../src/bytes.ts';
import type { Sign, VerifySignature } from '../src/signed-message.ts';

// RFC 8410: fixed DER headers of a PKCS#8 seed and of a SubjectPublicKeyInfo.
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** A signing key: `publicKey` is 32 bytes, `sign` gives 64-byte signatures. The seed stays inside. */
export interface Ed25519Signer {
  readonly publicKey: Bytes;
  readonly sign: Sign;
}

/** The signer of a 32-byte seed. Throws a RangeError for another length. */
export function createEd25519Signer(seed: Bytes): Ed25519Signer {
  if (seed.length !== KEY_BYTES) throw new RangeError(`an Ed25519 seed has ${KEY_BYTES} bytes`);
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_HEADER, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  return {
    publicKey: toRawPublicKey(privateKey),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** True when `signature` (64 bytes) of `message` verifies under `publicKey` (32 bytes); false for other lengths. */
export const verifyEd25519: VerifySignature = (publicKey, message, signature) => {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI_HEADER, publicKey]), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
};

function toRawPublicKey(privateKey: KeyObject): Bytes {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(SPKI_HEADER.length));
}
