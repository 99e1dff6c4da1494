// A site's key of one attempt of one round (PROTOCOL.md section 3, step 2).
import { inspect } from 'node:util';
import type { ClassHandle, Encryptor } from 'node-seal/allows';

/** What SealEngine.generateOneTimeKey hands over; the key owns it all from then on. */
export interface OneTimeKeyParts {
  readonly encryptor: Encryptor;
  /** SEAL objects that hold the secret; deleting them clears their memory. */
  readonly handles: readonly ClassHandle[];
  readonly nttForm: BigUint64Array;
  readonly coefficients: Int8Array;
}

/**
 * A ternary secret s from SEAL's KeyGenerator. It encrypts one payload and is destroyed; printing it or turning it into
 * JSON gives its kind only.
 */
export class OneTimeKey {
  readonly #parts: OneTimeKeyParts;
  #destroyed = false;

  constructor(parts: OneTimeKeyParts) {
    this.#parts = parts;
  }

  get encryptor(): Encryptor {
    this.#requireAlive();
    return this.#parts.encryptor;
  }

  /** s in NTT form, N residues mod q, in the buffer given to generateOneTimeKey. */
  get nttForm(): BigUint64Array {
    this.#requireAlive();
    return this.#parts.nttForm;
  }

  /** The N coefficients of s, each -1, 0 or 1. */
  get coefficients(): Int8Array {
    this.#requireAlive();
    return this.#parts.coefficients;
  }

  /** Zero-fills both forms and frees SEAL's objects; the second call does nothing. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#parts.nttForm.fill(0n);
    this.#parts.coefficients.fill(0);
    for (const handle of this.#parts.handles) handle.delete();
  }

  toJSON(): string {
    return '[OneTimeKey]';
  }

  [inspect.custom](): string {
    return '[OneTimeKey]';
  }

  #requireAlive(): void {
    if (this.#destroyed) throw new Error('a one-time key was used after it had been destroyed');
  }
}
