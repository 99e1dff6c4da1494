// Floats to bounded integers, and opened sums back to the model (PROTOCOL.md section 6). What sites must agree on uses only
// float64 + - * / in a fixed order, and powers of two are made by doubling, so that all sites compute the same bits.
import { Refusal } from './refusal.ts';

/** Bounds of the exponent e of a tensor's range ±2^e. */
export const MIN_RANGE_EXPONENT = -40;
export const MAX_RANGE_EXPONENT = 40;
/** More than this share of clipped values is worth a warning, and doubles the range. */
export const CLIPPED_SHARE_LIMIT = 0.001;

/** Room between the largest mean of a round and the next range: one site's value may be larger than the mean. */
const HEADROOM = 8;
/** The range changes by at most 2^2 from one round to the next. */
const MAX_EXPONENT_STEP = 2;

/** The largest quantised magnitude at `bits` (8..24) bits; biased values lie in 0..2·levels(bits). */
export function levels(bits: number): number {
  return (1 << (bits - 1)) - 1;
}

export interface Quantization {
  /** One tensor of the update. */
  readonly values: Float32Array;
  /** The site's weight, 0 < weight <= 1. */
  readonly weight: number;
  /** Weighted values beyond ±2^rangeExponent are clipped. */
  readonly rangeExponent: number;
  /** 8..24 */
  readonly bits: number;
  /** Two fresh uniform bytes a value: the stochastic rounding. */
  readonly random: Uint8Array;
  /** Receives the biased integers, from `offset` on. */
  readonly out: Uint32Array;
  readonly offset: number;
}

/**
 * Quantises a tensor with stochastic rounding, which is unbiased to within 2^-17 of a level; returns how many values were
 * clipped. RangeError for a value that is not finite, a weight or exponent out of bounds, or buffers that are too small.
 */
export function quantize(tensor: Quantization): number {
  const { values, random, out, offset } = tensor;
  requireQuantization(tensor);
  const largest = levels(tensor.bits);
  const scale = (tensor.weight * largest) / powerOfTwo(tensor.rangeExponent);
  const biased = out.subarray(offset, offset + values.length);
  // The middle of one of 65536 intervals: an exact integer stays what it is. Nothing is negative, so that to truncate is floor.
  const bias = largest + 0.5 / 65536;
  let clipped = 0;
  for (let i = 0; i < values.length; i++) {
    const scaled = values[i]! * scale;
    if (Math.abs(scaled) <= largest) {
      biased[i] = (scaled + bias + (random[2 * i]! | (random[2 * i + 1]! << 8)) / 65536) | 0;
    } else {
      if (!Number.isFinite(scaled))
        throw new RangeError(`value ${i} of a tensor to quantise is not a finite number`);
      biased[i] = scaled > 0 ? 2 * largest : 0;
      clipped++;
    }
  }
  return clipped;
}

export interface QuantizedSums {
  /** Sums of biased integers over the contributors, one for each value. */
  readonly values: Uint32Array | Float64Array;
  readonly contributors: number;
  readonly bits: number;
  readonly rangeExponent: number;
}

/**
 * The sums of the contributors' weighted values: (value - contributors·levels)·2^rangeExponent/levels, each rounded once.
 * Refuses MALFORMED a sum that so many honest contributors cannot reach.
 */
export function dequantizeSums(sums: QuantizedSums): Float64Array {
  requireReachable(sums);
  const { bias, range, largest } = scaleOf(sums);
  return Float64Array.from(sums.values, (value) => ((value - bias) * range) / largest);
}

/**
 * Adds the weighted mean to a tensor in place, w <- float32(w + sum/weightSum), and returns the largest |sum|. Refuses
 * MALFORMED, before any change, a sum that so many honest contributors cannot reach; RangeError unless weightSum > 0.
 */
export function applySums(weights: Float32Array, sums: QuantizedSums, weightSum: number): number {
  const { values } = sums;
  if (!(weightSum > 0 && weightSum < Infinity))
    throw new RangeError(`weight sum ${weightSum} is not positive`);
  if (weights.length !== values.length)
    throw new TypeError(`${values.length} sums for ${weights.length} weights`);
  requireReachable(sums);
  const { bias, range, largest } = scaleOf(sums);
  let largestSum = 0;
  for (let i = 0; i < weights.length; i++) {
    const sum = ((values[i]! - bias) * range) / largest;
    weights[i] = Math.fround(weights[i]! + sum / weightSum);
    largestSum = Math.max(largestSum, Math.abs(sum));
  }
  return largestSum;
}

export interface RangeObservation {
  /** The exponent that the round used. */
  readonly rangeExponent: number;
  /** Largest |sum| of the tensor in the opened sum, from `applySums`. */
  readonly largest: number;
  readonly contributors: number;
  /** Clipped values of all contributors as a share of all their values, 0..1. */
  readonly clippedShare: number;
}

/**
 * The exponent of the next round's range, which every site computes alike: the least power of two that is HEADROOM times the
 * largest mean, at most two steps away; at least one step up after more than CLIPPED_SHARE_LIMIT was clipped; -40..40.
 */
export function nextRangeExponent(observation: RangeObservation): number {
  const { rangeExponent, largest, contributors, clippedShare } = observation;
  const target = (HEADROOM * largest) / contributors;
  let next = rangeExponent - MAX_EXPONENT_STEP;
  while (next < rangeExponent + MAX_EXPONENT_STEP && powerOfTwo(next) < target) next++;
  if (clippedShare > CLIPPED_SHARE_LIMIT) next = Math.max(next, rangeExponent + 1);
  return Math.min(Math.max(next, MIN_RANGE_EXPONENT), MAX_RANGE_EXPONENT);
}

export interface ClippedNorm {
  /** L2 norm before clipping. */
  readonly norm: number;
  readonly scaled: boolean;
}

/**
 * Scales an update in place to L2 norm `bound` (> 0), up to the rounding to float32, if it is longer. RangeError for a value
 * that is not finite.
 */
export function clipToNorm(update: Float32Array, bound: number): ClippedNorm {
  if (!(bound > 0)) throw new RangeError(`norm bound ${bound} is not positive`);
  let squares = 0;
  for (const value of update) squares += value * value;
  const norm = Math.sqrt(squares);
  if (!Number.isFinite(norm)) throw new RangeError('an update holds a value that is not a finite number');
  if (norm <= bound) return { norm, scaled: false };
  const factor = bound / norm;
  for (let i = 0; i < update.length; i++) update[i] = update[i]! * factor;
  return { norm, scaled: true };
}

/** 2^exponent exactly; `**` and Math.pow may be approximations. */
function powerOfTwo(exponent: number): number {
  let power = 1;
  for (let i = 0; i < exponent; i++) power *= 2;
  for (let i = 0; i > exponent; i--) power /= 2;
  return power;
}

function scaleOf({ contributors, bits, rangeExponent }: QuantizedSums) {
  const largest = levels(bits);
  return { largest, bias: contributors * largest, range: powerOfTwo(rangeExponent) };
}

function requireReachable({ values, contributors, bits }: QuantizedSums): void {
  const limit = 2 * contributors * levels(bits);
  const place = values.findIndex((value) => value > limit);
  if (place !== -1)
    throw new Refusal('MALFORMED', `sum ${place} is more than ${contributors} contributors can reach`);
}

function requireQuantization({ values, weight, rangeExponent, random, out, offset }: Quantization): void {
  if (!(weight > 0 && weight <= 1)) throw new RangeError(`weight ${weight} is not in (0, 1]`);
  const isExponent = Number.isInteger(rangeExponent) && Math.abs(rangeExponent) <= MAX_RANGE_EXPONENT;
  if (!isExponent) throw new RangeError(`range exponent ${rangeExponent}`);
  if (random.length < 2 * values.length)
    throw new RangeError(`${random.length} random bytes for ${values.length} values`);
  if (offset + values.length > out.length)
    throw new RangeError(`no room for ${values.length} values at ${offset}`);
}
