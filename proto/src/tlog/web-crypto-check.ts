// Signatures of the log's formats, checked by WebCrypto (ML-DSA-44 by noble): in a browser, and wherever there is no node:crypto.
import type { Bytes } from '../bytes.ts';
import type { CheckSignatureLater, SignatureClaim } from './claimed.ts';
import { toRawEcdsa } from './ecdsa-raw.ts';
import { isP256Spki } from './hashed-rekord.ts';
import { verifyMlDsa44 } from './ml-dsa.ts';

/** The part of the platform's `crypto.subtle` that is needed. Its Ed25519 verification is cofactorless, as vector V7 shows. */
export interface SubtleVerifier<Key> {
  importKey(
    format: 'raw' | 'spki',
    key: Uint8Array<ArrayBuffer>,
    algorithm: 'Ed25519' | { name: 'ECDSA'; namedCurve: 'P-256' },
    extractable: boolean,
    usages: ['verify'],
  ): Promise<Key>;
  verify(
    algorithm: 'Ed25519' | { name: 'ECDSA'; hash: 'SHA-256' },
    key: Key,
    signature: Uint8Array<ArrayBuffer>,
    message: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

/** Checks a claim of any algorithm by `subtle`; false also for what is no key or no signature. */
export function createWebCryptoCheck<Key>(subtle: SubtleVerifier<Key>): CheckSignatureLater {
  return async (claim) => {
    switch (claim.algorithm) {
      case 'ed25519':
        return verifyEd25519(subtle, claim);
      case 'ecdsa-p256':
        return verifyP256(subtle, claim);
      case 'ml-dsa-44':
        return verifyMlDsa44(claim.publicKey, claim.message, claim.signature);
    }
  };
}

async function verifyEd25519<Key>(
  subtle: SubtleVerifier<Key>,
  { publicKey, signature, message }: SignatureClaim,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const key = await subtle
    .importKey('raw', own(publicKey), 'Ed25519', false, ['verify'])
    .catch(() => undefined);
  return key !== undefined && subtle.verify('Ed25519', key, own(signature), own(message));
}

async function verifyP256<Key>(
  subtle: SubtleVerifier<Key>,
  { publicKey, signature, message }: SignatureClaim,
): Promise<boolean> {
  const raw = toRawEcdsa(signature);
  if (!raw || !isP256Spki(publicKey)) return false;
  const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const;
  // Not a point of the curve: no key.
  const key = await subtle.importKey('spki', own(publicKey), curve, false, ['verify']).catch(() => undefined);
  return key !== undefined && subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, own(raw), own(message));
}

/** WebCrypto takes no view of shared memory. */
function own(bytes: Bytes): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}
