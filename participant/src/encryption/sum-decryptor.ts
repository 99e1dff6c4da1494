// From a summed ciphertext and the sum of the keys to the opened sum (PROTOCOL.md section 3, step 5).
import {
  commonPolynomial,
  createWasmKernel,
  N,
  packedChunks,
  packingLayout,
  refuseUnless,
  residualBound,
  toDigestBytes,
  unpackIntegers,
  unpackSums,
  type Bytes,
  type Digest,
  type ModularKernel,
  type OpenedSum,
  type PackingLayout,
} from '@blindsum/proto';
import { nodeKeyStream } from '@blindsum/proto/node';
import type { OnProgress } from './chunk-progress.ts';
import { chunksOf, PART_COEFFICIENTS, readParts, verifyCiphertextFile } from './ciphertext-file.ts';
import type { EngineSource } from './engine-supply.ts';
import { createSealEngine, type SealEngine } from './seal-engine.ts';

export interface DecryptionTask {
  readonly context: Digest;
  readonly sum: { readonly path: string; readonly root: Digest };
  readonly layout: SumLayout;
  /** |U| */
  readonly contributors: number;
  /** N coefficients of the sum of the contributors' keys. */
  readonly keySum: Int32Array;
}

/** The part of a PayloadLayout that determines how a sum is unpacked. */
export interface SumLayout {
  readonly bits: number;
  /** Roster size. */
  readonly sites: number;
  readonly headerIntegers: number;
  /** Packed values after the header. */
  readonly values: number;
}

/**
 * Opens a sum. Refuses ROOT_MISMATCH, PART_BAD_LENGTH or PART_OUT_OF_RANGE for another file than the one agreed on;
 * BAD_RESIDUAL, naming the chunk, where an error is larger than the contributors' can be: a wrong key, a tampered sum or
 * another context; MALFORMED for a sum that well-formed contributions do not give.
 */
export async function decryptSum(
  task: DecryptionTask,
  onProgress: OnProgress,
  engines: EngineSource = createSealEngine,
): Promise<OpenedSum> {
  const packing = packingLayout(task.layout);
  const engine = await engines(packing.plainBits);
  try {
    return new SumDecryption(engine, packing, task).open(onProgress);
  } finally {
    engine.destroy();
  }
}

class SumDecryption {
  readonly #engine: SealEngine;
  readonly #packing: PackingLayout;
  readonly #task: DecryptionTask;
  readonly #context: Bytes;
  readonly #chunks: number;
  readonly #kernel: ModularKernel;
  readonly #part: BigUint64Array;
  readonly #common: BigUint64Array;
  readonly #keySum: BigUint64Array;
  readonly #values: Uint32Array | Float64Array;
  #header: number[] = [];

  constructor(engine: SealEngine, packing: PackingLayout, task: DecryptionTask) {
    const { values } = task.layout;
    this.#engine = engine;
    this.#packing = packing;
    this.#task = task;
    this.#context = toDigestBytes(task.context);
    this.#chunks = 1 + packedChunks(packing, values);
    this.#kernel = createWasmKernel();
    this.#part = this.#kernel.allocate(PART_COEFFICIENTS);
    this.#common = this.#kernel.allocate(N);
    this.#keySum = this.#kernel.allocate(N);
    this.#values = packing.fieldBits <= 32 ? new Uint32Array(values) : new Float64Array(values);
    engine.toNtt(task.keySum, this.#keySum);
  }

  open(onProgress: OnProgress): OpenedSum {
    const file = { ...this.#task.sum, chunks: this.#chunks };
    // Before anything is opened, so that a damaged download is not taken for a tampered sum.
    verifyCiphertextFile(file, this.#part);
    for (const { firstChunk, coefficients } of readParts(file, this.#part)) {
      const chunks = chunksOf(coefficients);
      this.#openPart(chunks, firstChunk);
      onProgress({ done: firstChunk + chunks.length, chunks: this.#chunks });
    }
    return { header: this.#header, values: this.#values, contributors: this.#task.contributors };
  }

  #openPart(chunks: readonly BigUint64Array[], firstChunk: number): void {
    for (const [i, chunk] of chunks.entries()) this.#toPhase(firstChunk + i, chunk);
    for (let i = 0; i < chunks.length; i += 2) {
      this.#engine.fromNtt(chunks[i]!, chunks[i + 1] ?? new BigUint64Array(N));
    }
    for (const [i, chunk] of chunks.entries()) this.#unpack(firstChunk + i, chunk);
  }

  #toPhase(k: number, chunk: BigUint64Array): void {
    commonPolynomial(nodeKeyStream, this.#context, k, this.#common);
    this.#kernel.phase(chunk, this.#common, this.#keySum);
  }

  #unpack(k: number, phases: BigUint64Array): void {
    const { contributors, layout } = this.#task;
    const residual = this.#kernel.openPhase(phases, phases, this.#packing.plainBits);
    refuseUnless(
      residual <= BigInt(residualBound(contributors)),
      'BAD_RESIDUAL',
      `chunk ${k}: residual beyond ${residualBound(contributors)}, what ${contributors} contributors can give`,
    );
    if (k === 0) {
      this.#header = unpackIntegers(phases, layout.headerIntegers).map(Number);
      return;
    }
    const first = (k - 1) * this.#packing.valuesPerChunk;
    const count = Math.min(this.#packing.valuesPerChunk, layout.values - first);
    unpackSums(this.#packing, phases, count, this.#values.subarray(first, first + count));
  }
}
