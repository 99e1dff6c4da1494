import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { N } from './parameter-set.ts';
import { packingLayout, packValues, unpackSums } from './packing.ts';
import {
  applySums,
  clipToNorm,
  dequantizeSums,
  levels,
  nextRangeExponent,
  quantize,
  type Quantization,
} from './quantization.ts';

/** Reproducible uniform bytes. */
function bytes(n: number, seed = 1): Uint8Array {
  return createCipheriv('aes-256-ctr', new Uint8Array(32).fill(seed), new Uint8Array(16)).update(
    new Uint8Array(n),
  );
}

function quantized(
  values: ArrayLike<number>,
  change: Partial<Quantization> = {},
): { integers: number[]; clipped: number } {
  const out = new Uint32Array(values.length);
  const random = bytes(2 * values.length);
  const tensor = {
    values: Float32Array.from(values),
    weight: 1,
    rangeExponent: 0,
    bits: 16,
    random,
    out,
    offset: 0,
  };
  const clipped = quantize({ ...tensor, ...change });
  return { integers: [...out], clipped };
}

test('stochastic rounding is unbiased', () => {
  const draws = 40_000;
  for (const fraction of [0, 0.1, 0.25, 0.5, 0.9, -0.1, -0.75]) {
    const value = (12 + fraction) / levels(16);
    const { integers } = quantized(new Float32Array(draws).fill(value));
    const mean = integers.reduce((sum, integer) => sum + integer - levels(16), 0) / draws;
    // The standard deviation of the mean is at most 0.0025.
    assert.ok(Math.abs(mean - 12 - fraction) < 0.015, `${fraction}: ${mean}`);
  }
});

test('the weight scales what is quantised', () => {
  const { integers } = quantized([1, -1], { weight: 0.5, bits: 9 });
  assert.ok([127, 128].includes(integers[0]! - 255));
  assert.ok([-127, -128].includes(integers[1]! - 255));
});

test('the ends of the range and zero are exact whatever the random bytes', () => {
  for (const fill of [0, 1, 127, 255]) {
    for (const bits of [8, 12, 16, 24]) {
      for (const rangeExponent of [-40, -3, 0, 40]) {
        const range = 2 ** rangeExponent;
        const { integers, clipped } = quantized([-range, 0, range], {
          bits,
          rangeExponent,
          random: new Uint8Array(6).fill(fill),
        });
        assert.deepEqual(integers, [0, levels(bits), 2 * levels(bits)]);
        assert.equal(clipped, 0);
      }
    }
  }
});

test('values beyond the range are clipped and each one is counted', () => {
  const { integers, clipped } = quantized([1.001, -1.001, 5, -1e30, 1, -1, 0.999]);
  assert.equal(clipped, 4);
  assert.deepEqual(integers.slice(0, 4), [2 * levels(16), 0, 2 * levels(16), 0]);
});

test('any finite update gives integers that fit in their bits, and values inside move by less than one level', () => {
  const value = fc.float({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 30 }),
      fc.integer({ min: 8, max: 24 }),
      fc.integer({ min: -40, max: 40 }),
      (values, bits, rangeExponent) => {
        const range = 2 ** rangeExponent;
        const { integers, clipped } = quantized(values, { bits, rangeExponent });
        assert.ok(integers.every((integer) => integer >= 0 && integer <= 2 * levels(bits)));
        assert.equal(clipped, values.filter((v) => Math.abs(v) > range).length);
        for (const [i, v] of values.entries()) {
          const back = (integers[i]! - levels(bits)) / levels(bits);
          if (Math.abs(v) <= range) assert.ok(Math.abs(back - v / range) * levels(bits) < 1);
        }
      },
    ),
  );
});

test('a tensor is written at its offset and nowhere else', () => {
  const out = new Uint32Array(5).fill(9);
  quantized([0, 0], { out, offset: 2, bits: 8 });
  assert.deepEqual([...out], [9, 9, 127, 127, 9]);
});

test('what is not finite and what is out of bounds cannot be quantised', () => {
  for (const value of [NaN, Infinity, -Infinity])
    assert.throws(() => quantized([0, value]), /value 1 .* not a finite/);
  for (const weight of [0, -1, 1.1, NaN]) assert.throws(() => quantized([0], { weight }), RangeError);
  for (const rangeExponent of [41, -41, 0.5])
    assert.throws(() => quantized([0], { rangeExponent }), RangeError);
  assert.throws(() => quantized([0], { random: new Uint8Array(1) }), RangeError);
  assert.throws(() => quantized([0], { offset: 1 }), RangeError);
});

for (const sites of [2, 3, 16, 64]) {
  test(`one-hot updates of ${sites} sites come out of packing, adding and unpacking exactly once each`, () => {
    const layout = packingLayout({ bits: 16, sites });
    const total = new BigUint64Array(N);
    for (let site = 0; site < sites; site++) {
      const update = new Float32Array(sites);
      update[site] = 1;
      const chunk = new BigUint64Array(N);
      packValues(layout, Uint32Array.from(quantized(update).integers), 0, chunk);
      for (let i = 0; i < N; i++) total[i] = total[i]! + chunk[i]!;
    }
    const values = new Uint32Array(sites);
    unpackSums(layout, total, sites, values);
    const sums = dequantizeSums({ values, contributors: sites, bits: 16, rangeExponent: 0 });
    assert.deepEqual([...sums], new Array(sites).fill(1));
  });
}

test('sums of extremes are exact', () => {
  for (const bits of [8, 16, 24]) {
    const values = Float64Array.of(0, 1024 * levels(bits), 2 * 1024 * levels(bits));
    const sums = dequantizeSums({ values, contributors: 1024, bits, rangeExponent: -7 });
    assert.deepEqual([...sums], [-8, 0, 8]);
  }
});

test('the weighted mean is added with one rounding to float32', () => {
  const weights = Float32Array.of(0.1, -0.2, 1e30);
  const values = Uint32Array.of(levels(16) * 2 + 3, levels(16) * 2, 0);
  const largest = applySums(weights, { values, contributors: 2, bits: 16, rangeExponent: 1 }, 1.5);
  assert.equal(weights[0], Math.fround(Math.fround(0.1) + (3 * 2) / 32767 / 1.5));
  assert.equal(weights[1], Math.fround(-0.2));
  assert.equal(weights[2], Math.fround(1e30));
  assert.equal(largest, 4);
});

test('the bits of an applied model stay what they are', () => {
  const weights = Float32Array.from({ length: 4 }, (_, i) => i / 7);
  const values = Uint32Array.of(70_001, 98_301, 12_345, 131_071);
  applySums(weights, { values, contributors: 3, bits: 16, rangeExponent: -3 }, 569 / 212);
  const words = [...new Uint32Array(weights.buffer)].map((word) => word.toString(16));
  assert.deepEqual(words, ['bd24c1bd', '3e124925', '3e277787', '3ef346ae']);
});

test('a sum that the contributors cannot reach is refused before anything changes', () => {
  const weights = Float32Array.of(1, 2);
  const sums = { values: Uint32Array.of(5, 4 * levels(16) + 1), contributors: 2, bits: 16, rangeExponent: 0 };
  assert.throws(() => applySums(weights, sums, 1), {
    code: 'MALFORMED',
    detail: /^sum 1 is more than 2 contributors/,
  });
  assert.throws(() => dequantizeSums(sums), { code: 'MALFORMED' });
  assert.deepEqual([...weights], [1, 2]);
});

test('a weight sum that is not positive and a wrong number of sums are our own bug', () => {
  const sums = { values: new Uint32Array(1), contributors: 1, bits: 8, rangeExponent: 0 };
  for (const weightSum of [0, -1, NaN, Infinity]) {
    assert.throws(() => applySums(new Float32Array(1), sums, weightSum), RangeError);
  }
  assert.throws(() => applySums(new Float32Array(2), sums, 1), TypeError);
});

test('the range follows eight times the largest mean, two steps at most', () => {
  const next = (largest: number, clippedShare = 0, rangeExponent = 0): number =>
    nextRangeExponent({ rangeExponent, largest, contributors: 4, clippedShare });
  // contributors / HEADROOM = 0.5: a largest sum of 0.5 asks for 2^0.
  assert.equal(next(0.5), 0);
  assert.equal(next(0.5000001), 1);
  assert.equal(next(0.25), -1);
  assert.equal(next(0.2500001), 0);
  assert.equal(next(0), -2);
  assert.equal(next(1), 1);
  assert.equal(next(4), 2);
});

test('after clipping the range grows at least one step', () => {
  const next = (largest: number, clippedShare: number, rangeExponent = 0): number =>
    nextRangeExponent({ rangeExponent, largest, contributors: 4, clippedShare });
  assert.equal(next(0, 0.001), -2);
  assert.equal(next(0, 0.0011), 1);
  assert.equal(next(4, 0.5), 2);
  assert.equal(next(4, 1, 39), 40);
  assert.equal(next(4, 1, 40), 40);
  assert.equal(next(0, 0, -40), -40);
});

test('an update longer than the bound is scaled to it, another is left alone', () => {
  const update = Float32Array.of(3, -4);
  assert.deepEqual(clipToNorm(update, 5), { norm: 5, scaled: false });
  assert.deepEqual([...update], [3, -4]);
  assert.deepEqual(clipToNorm(update, 2.5), { norm: 5, scaled: true });
  assert.deepEqual([...update], [1.5, -2]);
  assert.deepEqual(clipToNorm(new Float32Array(3), 1), { norm: 0, scaled: false });
});

test('a norm cannot be taken of what is not finite, nor clipped to nothing', () => {
  assert.throws(() => clipToNorm(Float32Array.of(1, NaN), 1), RangeError);
  assert.throws(() => clipToNorm(Float32Array.of(Infinity), 1), RangeError);
  for (const bound of [0, -1, NaN]) assert.throws(() => clipToNorm(new Float32Array(1), bound), RangeError);
});
