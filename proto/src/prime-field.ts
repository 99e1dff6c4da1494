// The field F_p, p = 65521 = 2^16 - 15, whose elements fit in 16 bits and whose products fit in 32 (PROTOCOL.md section 4).
import { P } from './parameter-set.ts';

/** 2^16 ≡ FOLD (mod p). */
const FOLD = 15;

/** The element that a small integer (|value| < P) stands for. */
export function toField(value: number): number {
  return value < 0 ? value + P : value;
}

/** The representative of `element` in -(p-1)/2..(p-1)/2. */
export function toCentred(element: number): number {
  return element > P >>> 1 ? element - P : element;
}

export function addField(a: number, b: number): number {
  const sum = a + b;
  return sum >= P ? sum - P : sum;
}

export function subtractField(a: number, b: number): number {
  return a >= b ? a - b : a - b + P;
}

export function multiplyField(a: number, b: number): number {
  return reduceField(Math.imul(a, b) >>> 0);
}

/** The element of any 32-bit unsigned integer, by two folds: at most 2^20, then at most p + 254. */
export function reduceField(value: number): number {
  const once = (value >>> 16) * FOLD + (value & 0xffff);
  const twice = (once >>> 16) * FOLD + (once & 0xffff);
  return twice >= P ? twice - P : twice;
}

/** 1/a by Fermat: a^(p-2). RangeError for 0. */
export function invertField(a: number): number {
  if (a === 0) throw new RangeError('0 has no inverse');
  let power = a;
  let inverse = 1;
  for (let exponent = P - 2; exponent > 0; exponent >>>= 1) {
    if (exponent & 1) inverse = multiplyField(inverse, power);
    power = multiplyField(power, power);
  }
  return inverse;
}
