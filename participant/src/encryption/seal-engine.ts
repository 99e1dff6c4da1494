// The ring operations of parameter set bs1 that need Microsoft SEAL: keys, fresh encryptions and number-theoretic transforms
// (PROTOCOL.md sections 2 and 3). SEAL's public interface moves polynomials only as serialised streams, which in compr_mode
// none are a fixed header followed by the coefficients. Every stream that SEAL loads is made in this file: a header that
// SEAL wrote itself, and coefficients that were checked. Bytes from the network never reach SEAL's deserialiser.
import { MAX_SITES, N, Q } from '@blindsum/proto';
import type { Ciphertext, ClassHandle, ComprModeType, MainModule, SEALContext } from 'node-seal/allows';
import { OneTimeKey } from './one-time-key.ts';
import {
  readCoefficients,
  readPolynomials,
  writeCoefficients,
  writePolynomials,
} from './polynomial-stream.ts';
import { createBs1Context } from './seal-context.ts';
import { createSealModule, type SealModule } from './seal-module.ts';

/** A ciphertext as two polynomials in NTT form, N residues mod q each. */
export interface CiphertextPair {
  readonly c0: BigUint64Array;
  /** a', SEAL's own random polynomial. */
  readonly own: BigUint64Array;
}

/** Every supported roster size gives a plaintext modulus above 2^32. */
const MIN_PLAIN_BITS = 33;
const MAX_PLAIN_BITS = 59;

/** One page of WebAssembly memory, which is a whole number of them. */
const ZEROS = Buffer.alloc(65_536);

/**
 * SEAL set up for bs1 with plaintext modulus 2^plainBits, 33..59 (RangeError otherwise); takes about 50 ms. Throws an Error
 * when this build of SEAL does not provide the parameters.
 */
export async function createSealEngine(plainBits: number): Promise<SealEngine> {
  if (!Number.isInteger(plainBits) || plainBits < MIN_PLAIN_BITS || plainBits > MAX_PLAIN_BITS) {
    throw new RangeError(`plaintext width ${plainBits} is not in ${MIN_PLAIN_BITS}..${MAX_PLAIN_BITS} bits`);
  }
  return new SealEngine(await createSealModule(), plainBits);
}

/** One SEAL context and its reusable objects. Calls are synchronous and leave nothing allocated in SEAL's heap. */
export class SealEngine {
  readonly #module: SealModule;
  readonly #seal: MainModule;
  readonly #plainBits: number;
  /** Deleted, last first, before the heap is erased. */
  readonly #handles: ClassHandle[] = [];
  readonly #keys: OneTimeKey[] = [];
  readonly #context: SEALContext;
  readonly #evaluator;
  readonly #plaintext;
  readonly #ciphertext: Ciphertext;
  readonly #transformed: Ciphertext;
  /** Streams that SEAL wrote once; only the coefficients at their end are replaced before a load. */
  readonly #plainStream: Uint8Array;
  readonly #nttStream: Uint8Array;

  constructor(module: SealModule, plainBits: number) {
    const { seal } = module;
    this.#module = module;
    this.#seal = seal;
    this.#plainBits = plainBits;
    this.#context = this.#own(createBs1Context(seal, plainBits));
    this.#evaluator = this.#own(new seal.Evaluator(this.#context));
    this.#plaintext = this.#own(new seal.Plaintext(N));
    this.#ciphertext = this.#own(new seal.Ciphertext());
    this.#transformed = this.#own(new seal.Ciphertext());
    this.#plainStream = this.#save(this.#plaintext);
    this.#nttStream = this.#createCiphertextStream();
  }

  /**
   * A fresh ternary key from SEAL's KeyGenerator, seeded by the operating system. Its NTT form is written to `nttForm`
   * (N coefficients), which belongs to the key from then on.
   */
  generateOneTimeKey(nttForm: BigUint64Array): OneTimeKey {
    requireDegree(nttForm);
    const generator = new this.#seal.KeyGenerator(this.#context);
    const secret = generator.secretKey();
    const publicKey = generator.createPublicKey();
    const encryptor = new this.#seal.Encryptor(this.#context, publicKey, secret);
    const stream = this.#save(secret);
    readCoefficients(stream, nttForm);
    stream.fill(0);
    const handles = [encryptor, publicKey, secret, generator];
    const coefficients = this.#ternaryCoefficients(nttForm);
    const key = new OneTimeKey({ encryptor, handles, nttForm, coefficients });
    this.#keys.push(key);
    return key;
  }

  /**
   * Encrypts N coefficients, each < 2^plainBits (RangeError otherwise): c0 + own·s is the message plus 2^plainBits times an
   * error of at most 21. Until c0 is rebased to the common polynomial the pair is as secret as the key, because the rebased
   * c0 differs from this one by a known multiple of s: overwrite both polynomials.
   */
  encryptChunk(key: OneTimeKey, plain: BigUint64Array, out: CiphertextPair): void {
    this.#requirePlain(plain);
    this.#loadPlain(plain);
    key.encryptor.encryptSymmetric(this.#plaintext, this.#ciphertext);
    this.#saveCiphertext(this.#ciphertext, out.c0, out.own);
  }

  /** Replaces two polynomials in NTT form (N residues < q each) by their coefficients; one transform serves both. */
  fromNtt(first: BigUint64Array, second: BigUint64Array): void {
    this.#loadCiphertext(first, second);
    this.#evaluator.cipherTransformFromNtt(this.#ciphertext, this.#transformed);
    this.#saveCiphertext(this.#transformed, first, second);
  }

  /** Writes to `out` the NTT form of a sum of keys: N signed coefficients, |x| <= MAX_SITES (RangeError otherwise). */
  toNtt(coefficients: Int32Array, out: BigUint64Array): void {
    if (coefficients.length !== N || !coefficients.every((value) => Math.abs(value) <= MAX_SITES)) {
      throw new RangeError(`a sum of keys is ${N} coefficients of at most ${MAX_SITES}`);
    }
    // As a message, because SEAL transforms a BGV ciphertext in coefficient form already while loading it.
    this.#loadPlain(BigUint64Array.from(coefficients, (x) => BigInt.asUintN(this.#plainBits, BigInt(x))));
    const transformed = new this.#seal.Plaintext();
    const parameters = this.#context.firstParmsId();
    this.#evaluator.plainTransformToNtt(this.#plaintext, parameters, transformed);
    readCoefficients(this.#save(transformed), out);
    for (const handle of [parameters, transformed]) handle.delete();
  }

  /**
   * The N message coefficients of the ciphertext (c0, common) by SEAL's own Decryptor, under the key with NTT form `secret`.
   * An oracle for tests: the product opens sums by their phase, which also shows the residual.
   */
  decryptDirect(c0: BigUint64Array, common: BigUint64Array, secret: BigUint64Array): BigUint64Array {
    const generator = new this.#seal.KeyGenerator(this.#context);
    const key = generator.secretKey();
    const keyStream = this.#save(key);
    writeCoefficients(keyStream, secret);
    key.loadFromArray(this.#context, keyStream);
    keyStream.fill(0);
    const decryptor = new this.#seal.Decryptor(this.#context, key);
    const message = new this.#seal.Plaintext();
    this.#loadCiphertext(c0, common);
    decryptor.decrypt(this.#ciphertext, message);
    const coefficients = new BigUint64Array(N);
    // SEAL leaves out the zeros of the highest powers.
    readCoefficients(this.#save(message), coefficients.subarray(0, message.coeffCount()));
    for (const handle of [message, decryptor, key, generator]) handle.delete();
    return coefficients;
  }

  /** Destroys every key it made, frees SEAL's objects and zero-fills SEAL's heap; nothing works afterwards. */
  destroy(): void {
    if (this.#handles.length === 0) return;
    for (const key of this.#keys) key.destroy();
    for (const handle of this.#handles.toReversed()) handle.delete();
    this.#handles.length = 0;
    this.#plainStream.fill(0);
    this.#nttStream.fill(0);
    eraseMemory(this.#module.memory.buffer);
  }

  #own<T extends ClassHandle>(handle: T): T {
    this.#handles.push(handle);
    return handle;
  }

  #save(source: { saveToArray(mode: ComprModeType): unknown }): Uint8Array {
    return source.saveToArray(this.#seal.ComprModeType.none) as Uint8Array;
  }

  #saveCiphertext(source: Ciphertext, first: BigUint64Array, second: BigUint64Array): void {
    const stream = this.#save(source);
    readPolynomials(stream, first, second);
    stream.fill(0);
  }

  #loadCiphertext(first: BigUint64Array, second: BigUint64Array): void {
    requireDegree(first);
    requireDegree(second);
    writePolynomials(this.#nttStream, first, second);
    this.#ciphertext.loadFromArray(this.#context, this.#nttStream);
  }

  #loadPlain(plain: BigUint64Array): void {
    writeCoefficients(this.#plainStream, plain);
    this.#plaintext.loadFromArray(this.#context, this.#plainStream);
  }

  /** The stream of a ciphertext of two polynomials in NTT form. */
  #createCiphertextStream(): Uint8Array {
    const generator = new this.#seal.KeyGenerator(this.#context);
    const publicKey = generator.createPublicKey();
    const encryptor = new this.#seal.Encryptor(this.#context, publicKey);
    encryptor.encryptZero(this.#ciphertext);
    for (const handle of [encryptor, publicKey, generator]) handle.delete();
    return this.#save(this.#ciphertext);
  }

  #ternaryCoefficients(nttForm: BigUint64Array): Int8Array {
    const polynomial = nttForm.slice();
    this.fromNtt(polynomial, new BigUint64Array(N));
    const coefficients = Int8Array.from(polynomial, toTernary);
    polynomial.fill(0n);
    this.#nttStream.fill(0, this.#nttStream.length - 2 * nttForm.byteLength);
    return coefficients;
  }

  #requirePlain(plain: BigUint64Array): void {
    requireDegree(plain);
    const halves = new Uint32Array(plain.buffer, plain.byteOffset, 2 * N);
    let high = 0;
    for (let at = 1; at < halves.length; at += 2) high |= halves[at]!;
    if (high >>> (this.#plainBits - 32) !== 0)
      throw new RangeError(`a message coefficient has more than ${this.#plainBits} bits`);
  }
}

/** Zero-fills what was ever written: to write a page that never was costs the operating system more than to read it. */
function eraseMemory(memory: ArrayBufferLike): void {
  for (let at = 0; at < memory.byteLength; at += ZEROS.length) {
    const block = Buffer.from(memory, at, ZEROS.length);
    if (!block.equals(ZEROS)) block.fill(0);
  }
}

function requireDegree(polynomial: BigUint64Array): void {
  if (polynomial.length !== N) throw new TypeError(`a polynomial has ${N} coefficients`);
}

function toTernary(residue: bigint): number {
  if (residue === Q - 1n) return -1;
  if (residue > 1n) throw new Error('SEAL made a key that is not ternary');
  return Number(residue);
}
