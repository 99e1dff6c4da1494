// Arithmetic modulo q over arrays of coefficients, in WebAssembly compiled from proto/assembly/kernel.ts.
import { hexToBytes } from '@noble/hashes/utils.js';
import { KERNEL_BINARY_HEX } from './kernel-binary.ts';
import { commonLength, requirePlainBits } from './operands.ts';

/**
 * The arithmetic modulo q that sums, rebases, opens and checks ciphertext chunks. Every operand is a buffer made by
 * `allocate` of the same kernel, all operands of one call have the same length, and every coefficient is < q unless said
 * otherwise; a foreign buffer or unequal lengths throw a TypeError. Operands may be the same buffer.
 */
export interface ModularKernel {
  /**
   * A zeroed buffer of `length` coefficients that lives as long as the kernel and never detaches: allocate once and reuse.
   * Subarrays of it are valid operands. RangeError when the kernel's `maxCoefficients` are used up.
   */
  allocate(length: number): BigUint64Array;
  /** sum <- sum + term mod q. */
  addInto(sum: BigUint64Array, term: BigUint64Array): void;
  /** Index of the first value >= q, or -1. Takes any 64-bit values. */
  firstOutOfRange(values: BigUint64Array): number;
  /** c0 <- c0 - (common - own)·secret mod q: moves a ciphertext from its own polynomial to the common one (PROTOCOL.md section 3, step 3). */
  rebase(c0: BigUint64Array, common: BigUint64Array, own: BigUint64Array, secret: BigUint64Array): void;
  /** sum <- sum + common·keySum mod q: the phase of a summed ciphertext in NTT form (PROTOCOL.md section 3, step 5). */
  phase(sum: BigUint64Array, common: BigUint64Array, keySum: BigUint64Array): void;
  /** <x, y> mod q. */
  dot(x: BigUint64Array, y: BigUint64Array): bigint;
  /**
   * For each centred phase writes M = phase mod 2^plainBits to `out` (which may be `phases` itself) and returns the largest
   * |E|, E = (phase - M)/2^plainBits (PROTOCOL.md section 3, step 5). Phases are coefficients, not in NTT form;
   * `plainBits` is in 1..59.
   */
  openPhase(phases: BigUint64Array, out: BigUint64Array, plainBits: number): bigint;
}

export interface WasmKernelOptions {
  /** Coefficients that all buffers together may hold. The memory is reserved at once, and so never moves. Default 2^20, 8 MiB. */
  readonly maxCoefficients?: number;
}

/** The compiled functions: addresses and lengths are 32-bit, 64-bit results arrive as signed. */
interface CompiledKernel {
  addInto(sum: number, term: number, length: number): void;
  firstOutOfRange(values: number, length: number): number;
  rebase(c0: number, common: number, own: number, secret: number, length: number): void;
  phase(sum: number, common: number, keySum: number, length: number): void;
  dot(x: number, y: number, length: number): bigint;
  openPhase(phases: number, out: number, length: number, plainBits: number): bigint;
}

const PAGE_BYTES = 65536;
/** The first page stays free of buffers. */
const FIRST_ADDRESS = PAGE_BYTES;
const DEFAULT_MAX_COEFFICIENTS = 1 << 20;
const LARGEST_MAX_COEFFICIENTS = 1 << 28;

/** A kernel with memory of its own; synchronous, reads no file. */
export function createWasmKernel(options: WasmKernelOptions = {}): ModularKernel {
  const maxCoefficients = options.maxCoefficients ?? DEFAULT_MAX_COEFFICIENTS;
  if (
    !Number.isInteger(maxCoefficients) ||
    maxCoefficients < 1 ||
    maxCoefficients > LARGEST_MAX_COEFFICIENTS
  ) {
    throw new RangeError(
      `kernel size ${maxCoefficients} is not in 1..${LARGEST_MAX_COEFFICIENTS} coefficients`,
    );
  }
  const pages = Math.ceil((FIRST_ADDRESS + 8 * maxCoefficients) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return new WasmKernel(compile(memory), memory, maxCoefficients);
}

function compile(memory: WebAssembly.Memory): CompiledKernel {
  const module = new WebAssembly.Module(hexToBytes(KERNEL_BINARY_HEX));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as CompiledKernel;
}

class WasmKernel implements ModularKernel {
  readonly #compiled: CompiledKernel;
  readonly #memory: ArrayBuffer;
  readonly #maxCoefficients: number;
  #allocated = 0;

  constructor(compiled: CompiledKernel, memory: WebAssembly.Memory, maxCoefficients: number) {
    this.#compiled = compiled;
    this.#memory = memory.buffer;
    this.#maxCoefficients = maxCoefficients;
  }

  allocate(length: number): BigUint64Array {
    if (!Number.isInteger(length) || length < 0 || this.#allocated + length > this.#maxCoefficients) {
      throw new RangeError(
        `no room for ${length} coefficients: ${this.#allocated} of ${this.#maxCoefficients} are taken`,
      );
    }
    const buffer = new BigUint64Array(this.#memory, FIRST_ADDRESS + 8 * this.#allocated, length);
    this.#allocated += length;
    return buffer;
  }

  addInto(sum: BigUint64Array, term: BigUint64Array): void {
    const length = this.#commonLength(sum, term);
    this.#compiled.addInto(sum.byteOffset, term.byteOffset, length);
  }

  firstOutOfRange(values: BigUint64Array): number {
    return this.#compiled.firstOutOfRange(values.byteOffset, this.#commonLength(values));
  }

  rebase(c0: BigUint64Array, common: BigUint64Array, own: BigUint64Array, secret: BigUint64Array): void {
    const length = this.#commonLength(c0, common, own, secret);
    this.#compiled.rebase(c0.byteOffset, common.byteOffset, own.byteOffset, secret.byteOffset, length);
  }

  phase(sum: BigUint64Array, common: BigUint64Array, keySum: BigUint64Array): void {
    const length = this.#commonLength(sum, common, keySum);
    this.#compiled.phase(sum.byteOffset, common.byteOffset, keySum.byteOffset, length);
  }

  dot(x: BigUint64Array, y: BigUint64Array): bigint {
    return this.#compiled.dot(x.byteOffset, y.byteOffset, this.#commonLength(x, y));
  }

  openPhase(phases: BigUint64Array, out: BigUint64Array, plainBits: number): bigint {
    requirePlainBits(plainBits);
    const length = this.#commonLength(phases, out);
    return this.#compiled.openPhase(phases.byteOffset, out.byteOffset, length, plainBits);
  }

  #commonLength(...operands: BigUint64Array[]): number {
    for (const operand of operands) {
      if (operand.buffer !== this.#memory) throw new TypeError('operand was not allocated by this kernel');
    }
    return commonLength(operands);
  }
}
