// Signatures of the log's formats, checked by node:crypto (ML-DSA-44 by noble).
import type { CheckSignature, SignatureAlgorithm } from '../src/tlog/index.ts';
import { verifyMlDsa44 } from '../src/tlog/index.ts';
import type { VerifySignature } from '../src/signed-message.ts';
import { verifyP256 } from './ecdsa-p256.ts';
import { verifyEd25519 } from './ed25519.ts';

const VERIFIERS: Record<SignatureAlgorithm, VerifySignature> = {
  ed25519: verifyEd25519,
  'ml-dsa-44': verifyMlDsa44,
  'ecdsa-p256': verifyP256,
};

/** Checks a claim of any algorithm at once. */
export const checkSignature: CheckSignature = ({ algorithm, publicKey, message, signature }) =>
  VERIFIERS[algorithm](publicKey, message, signature);
