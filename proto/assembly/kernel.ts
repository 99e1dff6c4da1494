// Arithmetic modulo q = 2^60 - 2^14 + 1 over arrays of 64-bit little-endian coefficients in linear memory.
// AssemblyScript: scripts/generate-kernel compiles it. All operands are < q, except where a range check is the purpose.
//
// q is a pseudo-Mersenne prime, 2^60 ≡ FOLD = 2^14 - 1, so a product is reduced with shifts and additions (Crandall,
// US 5159632; Handbook of Applied Cryptography 14.47). That needs no Montgomery form, and half of its time.

const Q: u64 = 1152921504606830593;
const HALF_Q: u64 = 576460752303415296;
const FOLD: u64 = 16383;
const LOW_30: u64 = (1 << 30) - 1;
const LOW_46: u64 = (1 << 46) - 1;
const LOW_60: u64 = (1 << 60) - 1;

/** Coefficients whose unreduced halves a 64-bit accumulator of `dot` can hold: 4 · (2^60 + 2^60) < 2^64. */
const DOT_BLOCK_BYTES: usize = 4 * 8;

// x·y = low + 2^60·high, from limbs of 30 bits; both halves stay below 2^61.
// @ts-ignore: decorator
@inline function highHalf(x: u64, y: u64, middle: u64): u64 { return (x >> 30) * (y >> 30) + (middle >> 30); }
// @ts-ignore: decorator
@inline function lowHalf(x: u64, y: u64, middle: u64): u64 { return (x & LOW_30) * (y & LOW_30) + ((middle & LOW_30) << 30); }
// @ts-ignore: decorator
@inline function middleLimb(x: u64, y: u64): u64 { return (x & LOW_30) * (y >> 30) + (x >> 30) * (y & LOW_30); }

/** Congruent to x·y and below 2^63 - 2^60, so that one more coefficient may be added before `reduce`. */
// @ts-ignore: decorator
@inline function product(x: u64, y: u64): u64 {
  const middle = middleLimb(x, y);
  const high = highHalf(x, y, middle);
  // high·FOLD = high·2^14 - high, where high·2^14 is cut at 2^60 and folded once more; 2q keeps the difference positive.
  return lowHalf(x, y, middle) + ((high & LOW_46) << 14) + (high >> 46) * FOLD + (2 * Q - high);
}

/** The representative below q of any 64-bit value. */
// @ts-ignore: decorator
@inline function reduce(value: u64): u64 {
  const folded = (value & LOW_60) + (value >> 60) * FOLD;
  return folded >= Q ? folded - Q : folded;
}

export function addInto(sum: usize, term: usize, length: usize): void {
  const end = sum + (length << 3);
  for (; sum < end; sum += 8, term += 8) {
    const value = load<u64>(sum) + load<u64>(term);
    store<u64>(sum, value >= Q ? value - Q : value);
  }
}

export function firstOutOfRange(values: usize, length: usize): i32 {
  const end = values + (length << 3);
  for (let at = values; at < end; at += 8) if (load<u64>(at) >= Q) return <i32>((at - values) >> 3);
  return -1;
}

/** c0 <- c0 - (common - own)·secret */
export function rebase(c0: usize, common: usize, own: usize, secret: usize, length: usize): void {
  const end = c0 + (length << 3);
  for (; c0 < end; c0 += 8, common += 8, own += 8, secret += 8) {
    const minuend = load<u64>(own), subtrahend = load<u64>(common);
    const difference = minuend >= subtrahend ? minuend - subtrahend : minuend + Q - subtrahend;
    store<u64>(c0, reduce(load<u64>(c0) + product(difference, load<u64>(secret))));
  }
}

/** sum <- sum + common·keySum */
export function phase(sum: usize, common: usize, keySum: usize, length: usize): void {
  const end = sum + (length << 3);
  for (; sum < end; sum += 8, common += 8, keySum += 8) {
    store<u64>(sum, reduce(load<u64>(sum) + product(load<u64>(common), load<u64>(keySum))));
  }
}

export function dot(x: usize, y: usize, length: usize): u64 {
  const end = x + (length << 3);
  let lowSum: u64 = 0, highSum: u64 = 0;
  while (x < end) {
    const stop = min(x + DOT_BLOCK_BYTES, end);
    let low: u64 = 0, high: u64 = 0;
    for (; x < stop; x += 8, y += 8) {
      const a = load<u64>(x), b = load<u64>(y), middle = middleLimb(a, b);
      low += lowHalf(a, b, middle);
      high += highHalf(a, b, middle);
    }
    lowSum = reduce(reduce(low) + lowSum);
    highSum = reduce(reduce(high) + highSum);
  }
  return reduce(product(highSum, FOLD) + lowSum);
}

/** Splits each centred phase into plaintext (phase mod 2^plainBits) and error; returns the largest |error|. */
export function openPhase(phases: usize, out: usize, length: usize, plainBits: i32): u64 {
  const end = phases + (length << 3), bits = <i64>plainBits, mask: i64 = (<i64>1 << bits) - 1;
  let largest: i64 = 0;
  for (; phases < end; phases += 8, out += 8) {
    const value = load<u64>(phases);
    const centred = <i64>(value > HALF_Q ? value - Q : value);
    store<i64>(out, centred & mask);
    const error = centred >> bits;
    largest = max(largest, error < 0 ? -error : error);
  }
  return largest;
}
