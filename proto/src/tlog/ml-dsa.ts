// ML-DSA-44 (FIPS 204), pure, with an empty context: cosignatures that a quantum computer cannot forge.
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import type { Bytes } from '../bytes.ts';
import type { Sign, VerifySignature } from '../signed-message.ts';

export const ML_DSA_44_KEY_BYTES = 1312;
export const ML_DSA_44_SIGNATURE_BYTES = 2420;
const SEED_BYTES = 32;

/** A signing key: `sign` gives 2420-byte signatures, the same for the same message. The secret stays inside. */
export interface MlDsa44Signer {
  readonly publicKey: Bytes;
  readonly sign: Sign;
}

/** The signer of a 32-byte seed (FIPS 204 algorithm 6). Throws a RangeError for another length. */
export function createMlDsa44Signer(seed: Bytes): MlDsa44Signer {
  if (seed.length !== SEED_BYTES) throw new RangeError(`an ML-DSA-44 seed has ${SEED_BYTES} bytes`);
  const { publicKey, secretKey } = ml_dsa44.keygen(seed);
  return { publicKey, sign: (message) => ml_dsa44.sign(message, secretKey, { extraEntropy: false }) };
}

/** True when `signature` of `message` verifies under `publicKey`; false also for bytes of another length. */
export const verifyMlDsa44: VerifySignature = (publicKey, message, signature) =>
  publicKey.length === ML_DSA_44_KEY_BYTES &&
  signature.length === ML_DSA_44_SIGNATURE_BYTES &&
  ml_dsa44.verify(signature, message, publicKey);
