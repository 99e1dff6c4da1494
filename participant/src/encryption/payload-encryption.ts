// A payload chunk by chunk: packed, encrypted by SEAL, moved to the round's common polynomials (PROTOCOL.md section 3).
import {
  CHUNKS_PER_PART,
  commonPolynomial,
  N,
  packedChunks,
  packIntegers,
  packValues,
  toDigestBytes,
  type Bytes,
  type Digest,
  type ModularKernel,
  type PackingLayout,
} from '@blindsum/proto';
import { nodeKeyStream } from '@blindsum/proto/node';
import { PART_COEFFICIENTS } from './ciphertext-file.ts';
import type { OneTimeKey } from './one-time-key.ts';
import type { QuantisedPayload } from './payload.ts';
import type { SealEngine } from './seal-engine.ts';

/** What one payload is encrypted with. */
export interface EncryptionParts {
  readonly engine: SealEngine;
  readonly kernel: ModularKernel;
  readonly key: OneTimeKey;
  readonly layout: PackingLayout;
  readonly payload: QuantisedPayload;
  readonly context: Digest;
}

/** One payload under one key, which encrypts nothing else: chunk 0 is the header, the others the packed update. */
export class PayloadEncryption {
  readonly chunks: number;
  readonly #parts: EncryptionParts;
  readonly #context: Bytes;
  readonly #plain = new BigUint64Array(N);
  readonly #own: BigUint64Array;
  readonly #common: BigUint64Array;
  readonly #part: BigUint64Array;

  constructor(parts: EncryptionParts) {
    this.#parts = parts;
    this.#context = toDigestBytes(parts.context);
    this.chunks = 1 + packedChunks(parts.layout, parts.payload.biased.length);
    this.#own = parts.kernel.allocate(N);
    this.#common = parts.kernel.allocate(N);
    this.#part = parts.kernel.allocate(PART_COEFFICIENTS);
  }

  /** The ciphertext parts in order, each a view that the next one overwrites. */
  *ciphertextParts(): Generator<BigUint64Array> {
    for (let first = 0; first < this.chunks; first += CHUNKS_PER_PART) {
      const end = Math.min(first + CHUNKS_PER_PART, this.chunks);
      for (let k = first; k < end; k++) this.#encryptChunk(k, this.#part.subarray((k - first) * N));
      yield this.#part.subarray(0, (end - first) * N);
    }
  }

  /** Erases what is as secret as the key: the message, and a ciphertext that was not rebased. */
  erase(): void {
    for (const buffer of [this.#plain, this.#own, this.#part]) buffer.fill(0n);
  }

  #encryptChunk(k: number, place: BigUint64Array): void {
    const { engine, kernel, key } = this.#parts;
    const c0 = place.subarray(0, N);
    this.#pack(k);
    engine.encryptChunk(key, this.#plain, { c0, own: this.#own });
    commonPolynomial(nodeKeyStream, this.#context, k, this.#common);
    kernel.rebase(c0, this.#common, this.#own, key.nttForm);
  }

  #pack(k: number): void {
    const { layout, payload } = this.#parts;
    if (k === 0) packIntegers(payload.header, layout.sites, this.#plain);
    else packValues(layout, payload.biased, k - 1, this.#plain);
  }
}
