// ECDSA over P-256 with SHA-256 (FIPS 186-5) by node:crypto: DER signatures and SubjectPublicKeyInfo keys.
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { Bytes } from '../src/bytes.ts';
import type { Sign } from '../src/signed-message.ts';
import { isP256Spki, type VerifyRecordSignature } from '../src/tlog/index.ts';

/** A signing key: `publicKeySpki` is 91 bytes of DER, `sign` gives DER signatures. The secret stays inside. */
export interface P256Signer {
  readonly publicKeySpki: Bytes;
  readonly sign: Sign;
}

/** The signer of a P-256 private key. Throws a RangeError for a key of another kind. */
export function createP256Signer(privateKey: KeyObject): P256Signer {
  const publicKeySpki = new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
  if (!isP256Spki(publicKeySpki)) throw new RangeError('not a P-256 private key');
  return { publicKeySpki, sign: (message) => new Uint8Array(sign('sha256', message, privateKey)) };
}

/** True when `signature` (DER) of `message` verifies under `publicKeySpki`; false also for what is no P-256 key. */
export const verifyP256: VerifyRecordSignature = (publicKeySpki, message, signature) => {
  const key = toPublicKey(publicKeySpki);
  return key !== undefined && verify('sha256', message, key, signature);
};

function toPublicKey(spki: Bytes): KeyObject | undefined {
  if (!isP256Spki(spki)) return undefined;
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return undefined; // Not a point of the curve.
  }
}
