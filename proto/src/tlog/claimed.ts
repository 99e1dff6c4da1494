// What a document says, out of reach until the signatures on it are verified. The rules that say which signatures those are
// exist once and do no cryptography; a shell checks each one, at once (node:crypto) or later (WebCrypto in a browser).
import type { Bytes } from '../bytes.ts';
import { refuseUnless } from '../refusal.ts';

export type SignatureAlgorithm = 'ed25519' | 'ml-dsa-44' | 'ecdsa-p256';

/** One signature that must verify. */
export interface SignatureClaim {
  readonly algorithm: SignatureAlgorithm;
  /** Raw for Ed25519 (32 bytes) and ML-DSA-44 (1312 bytes), DER SubjectPublicKeyInfo for ECDSA P-256. */
  readonly publicKey: Bytes;
  readonly message: Bytes;
  /** 64 bytes (Ed25519), 2420 bytes (ML-DSA-44, empty context) or DER (ECDSA P-256/SHA-256); hostile, of any length. */
  readonly signature: Bytes;
  /** What is refused when it does not verify, for people. */
  readonly refusal: string;
}

/** True when the signature verifies. Ed25519 strictly (cofactorless): node:crypto or WebCrypto, never noble. */
export type CheckSignature = (claim: SignatureClaim) => boolean;
/** A CheckSignature that answers later. */
export type CheckSignatureLater = (claim: SignatureClaim) => Promise<boolean>;

/** A value that only the verification of its signatures gives out. */
export class Claimed<T> {
  /** All of them must verify. */
  readonly signatures: readonly SignatureClaim[];
  readonly #read: () => T;

  /** `read` runs once all `signatures` are verified, and may refuse what they sign. */
  constructor(signatures: readonly SignatureClaim[], read: () => T) {
    this.signatures = signatures;
    this.#read = read;
  }

  /** The value; refuses BAD_SIGNATURE unless every signature verifies, and what reading the value refuses. */
  verify(check: CheckSignature): T {
    for (const claim of this.signatures) refuseUnless(check(claim), 'BAD_SIGNATURE', claim.refusal);
    return this.#read();
  }

  /** As verify, where the platform answers later. */
  async verifyLater(check: CheckSignatureLater): Promise<T> {
    for (const claim of this.signatures) refuseUnless(await check(claim), 'BAD_SIGNATURE', claim.refusal);
    return this.#read();
  }

  /** What `next` makes of the value, once the signatures verify; `next` may refuse. */
  map<U>(next: (value: T) => U): Claimed<U> {
    return new Claimed(this.signatures, () => next(this.#read()));
  }
}
