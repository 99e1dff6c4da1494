// Several bounded integers in one plaintext coefficient (PROTOCOL.md section 6), so that one homomorphic addition adds them all.
// The loops work on the 32-bit halves of the 64-bit coefficients: a BigInt per value would be 50 times slower.
import { N, plainBits } from './parameter-set.ts';
import { Refusal, refuseUnless } from './refusal.ts';

export const MIN_BITS = 8;
export const MAX_BITS = 24;

export interface PackingLayout {
  /** Width of one biased value, 8..24. */
  readonly bits: number;
  /** Roster size, the most values that are ever added, 1..MAX_SITES. */
  readonly sites: number;
  /** k of the plaintext modulus 2^k for this roster size. */
  readonly plainBits: number;
  /** Width of one sum: bits + ceil(log2 sites), 8..34. */
  readonly fieldBits: number;
  readonly valuesPerCoefficient: number;
  /** valuesPerCoefficient · N */
  readonly valuesPerChunk: number;
}

/** The layout for values of `bits` bits (8..24) summed over at most `sites` sites (1..MAX_SITES); RangeError otherwise. */
export function packingLayout(shape: { readonly bits: number; readonly sites: number }): PackingLayout {
  const { bits, sites } = shape;
  if (!Number.isInteger(bits) || bits < MIN_BITS || bits > MAX_BITS) {
    throw new RangeError(`value width ${bits} is not in ${MIN_BITS}..${MAX_BITS} bits`);
  }
  const plain = plainBits(sites);
  const fieldBits = bits + ceilLog2(sites);
  const valuesPerCoefficient = Math.floor(plain / fieldBits);
  return {
    bits,
    sites,
    plainBits: plain,
    fieldBits,
    valuesPerCoefficient,
    valuesPerChunk: valuesPerCoefficient * N,
  };
}

/** Chunks that hold `values` packed values: at least 0; the last chunk is filled with zeros. */
export function packedChunks(layout: PackingLayout, values: number): number {
  return Math.ceil(values / layout.valuesPerChunk);
}

/**
 * Packs the values of chunk `chunk` (0-based: from chunk · valuesPerChunk) into the N coefficients of `out`. Each value must be
 * < 2^bits (RangeError); places after the last value are 0. Value i of a chunk is field i mod v of coefficient floor(i / v),
 * v = valuesPerCoefficient, fields counted from the low bits.
 */
export function packValues(
  layout: PackingLayout,
  biased: Uint32Array,
  chunk: number,
  out: BigUint64Array,
): void {
  requireChunk(out);
  const first = chunk * layout.valuesPerChunk;
  const values = biased.subarray(first, first + layout.valuesPerChunk);
  requireWidth(values, layout.bits);
  const halves = halvesOf(out).fill(0);
  for (let field = 0; field < layout.valuesPerCoefficient; field++) {
    const shift = field * layout.fieldBits;
    const place = { field, stride: layout.valuesPerCoefficient, shift };
    if (shift >= 32) packHigh(values, halves, place);
    else if (shift + layout.bits <= 32) packLow(values, halves, place);
    else packAcross(values, halves, place);
  }
}

/**
 * Unpacks the first `count` sums (at most valuesPerChunk) of a chunk of N summed coefficients into `out`; each is < 2^fieldBits.
 * A Uint32Array holds sums of up to 32 bits (RangeError beyond). Refuses MALFORMED a coefficient with bits above its fields, which no
 * sum of well-formed contributions has.
 */
export function unpackSums(
  layout: PackingLayout,
  coefficients: BigUint64Array,
  count: number,
  out: Uint32Array | Float64Array,
): void {
  requireChunk(coefficients);
  if (count > layout.valuesPerChunk || count > out.length) throw new RangeError(`no room for ${count} sums`);
  if (layout.fieldBits > 32 && out instanceof Uint32Array)
    throw new RangeError('sums of more than 32 bits need a Float64Array');
  const halves = halvesOf(coefficients);
  refuseExcessBits(layout, halves);
  if (layout.fieldBits > 32) return unpackWhole(halves, out, count);
  for (let field = 0; field < layout.valuesPerCoefficient; field++) {
    const place = { field, stride: layout.valuesPerCoefficient, shift: field * layout.fieldBits };
    unpackField(halves, out.subarray(0, count), place, layout.fieldBits);
  }
}

/**
 * Writes one exact integer per coefficient and zeros after them: the header chunk. At most N values, each 0 <= value and
 * value · sites < 2^plainBits(sites), so that their sum cannot overflow; RangeError otherwise.
 */
export function packIntegers(values: readonly (bigint | number)[], sites: number, out: BigUint64Array): void {
  requireChunk(out);
  if (values.length > N) throw new RangeError(`${values.length} integers do not fit in one chunk of ${N}`);
  const limit = 1n << BigInt(plainBits(sites));
  const integers = values.map(BigInt);
  const misfit = integers.findIndex((value) => value < 0n || value * BigInt(sites) >= limit);
  if (misfit !== -1)
    throw new RangeError(`integer ${misfit} of a header chunk is negative or too large to be summed`);
  out.fill(0n);
  out.set(integers);
}

/** The first `count` integers (0..N) of a summed header chunk. Refuses MALFORMED a chunk that is not zero after them. */
export function unpackIntegers(coefficients: BigUint64Array, count: number): bigint[] {
  requireChunk(coefficients);
  const excess = coefficients.findIndex((value, i) => i >= count && value !== 0n);
  refuseUnless(
    excess === -1,
    'MALFORMED',
    `header chunk: coefficient ${excess} is beyond the last integer and not zero`,
  );
  return [...coefficients.subarray(0, count)];
}

/** Where the values of one field lie: every `stride`-th value from `field` on, at bit `shift` of successive coefficients. */
interface FieldPlace {
  readonly field: number;
  readonly stride: number;
  readonly shift: number;
}

// One loop for each of the three cases: a test inside the loop would double the time.

function packLow(values: Uint32Array, halves: Uint32Array, { field, stride, shift }: FieldPlace): void {
  for (let i = field, at = 0; i < values.length; i += stride, at += 2) {
    halves[at] = halves[at]! | (values[i]! << shift);
  }
}

function packHigh(values: Uint32Array, halves: Uint32Array, { field, stride, shift }: FieldPlace): void {
  for (let i = field, at = 1; i < values.length; i += stride, at += 2) {
    halves[at] = halves[at]! | (values[i]! << (shift - 32));
  }
}

/** A field that begins in the low half and ends in the high one: 0 < shift < 32. */
function packAcross(values: Uint32Array, halves: Uint32Array, { field, stride, shift }: FieldPlace): void {
  for (let i = field, at = 0; i < values.length; i += stride, at += 2) {
    const value = values[i]!;
    halves[at] = halves[at]! | (value << shift);
    halves[at + 1] = halves[at + 1]! | (value >>> (32 - shift));
  }
}

function unpackField(
  halves: Uint32Array,
  out: Uint32Array | Float64Array,
  place: FieldPlace,
  width: number,
): void {
  const { field, stride, shift } = place;
  const mask = 0xffffffff >>> (32 - width);
  for (let i = field, at = 0; i < out.length; i += stride, at += 2) {
    const high = halves[at + 1]!;
    const bits =
      shift >= 32 ? high >>> (shift - 32) : (halves[at]! >>> shift) | ((high << 1) << (31 - shift));
    out[i] = (bits & mask) >>> 0;
  }
}

/** Fields of more than 32 bits are alone in their coefficient. */
function unpackWhole(halves: Uint32Array, out: Uint32Array | Float64Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = halves[2 * i + 1]! * 2 ** 32 + halves[2 * i]!;
}

function refuseExcessBits(layout: PackingLayout, halves: Uint32Array): void {
  const used = layout.valuesPerCoefficient * layout.fieldBits;
  const lowLimit = 2 ** Math.min(used, 32);
  const highLimit = 2 ** Math.max(used - 32, 0);
  for (let at = 0; at < halves.length; at += 2) {
    if (halves[at]! < lowLimit && halves[at + 1]! < highLimit) continue;
    throw new Refusal('MALFORMED', `sum: coefficient ${at / 2} exceeds its ${used} packed bits`);
  }
}

function requireChunk(coefficients: BigUint64Array): void {
  if (coefficients.length !== N)
    throw new TypeError(`a chunk has ${N} coefficients, not ${coefficients.length}`);
}

function requireWidth(values: Uint32Array, bits: number): void {
  let all = 0;
  for (let i = 0; i < values.length; i++) all |= values[i]!;
  if (all >>> bits !== 0) throw new RangeError(`a value to pack is wider than ${bits} bits`);
}

function halvesOf(coefficients: BigUint64Array): Uint32Array {
  return new Uint32Array(coefficients.buffer, coefficients.byteOffset, 2 * coefficients.length);
}

/** ceil(log2 n) for n >= 1, in integers. */
function ceilLog2(n: number): number {
  return 32 - Math.clz32(n - 1);
}
