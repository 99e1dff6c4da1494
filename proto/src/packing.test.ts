import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_SITES, N } from './parameter-set.ts';
import { Refusal } from './refusal.ts';
import {
  MAX_BITS,
  MIN_BITS,
  packedChunks,
  packIntegers,
  packingLayout,
  packValues,
  unpackIntegers,
  unpackSums,
  type PackingLayout,
} from './packing.ts';

const shapes = fc.record({
  bits: fc.integer({ min: MIN_BITS, max: MAX_BITS }),
  sites: fc.integer({ min: 1, max: MAX_SITES }),
});

/** The definition, one BigInt at a time: the oracle. */
function packByDefinition(layout: PackingLayout, values: readonly number[]): bigint[] {
  const out = new Array<bigint>(N).fill(0n);
  for (const [i, value] of values.entries()) {
    const shift = BigInt((i % layout.valuesPerCoefficient) * layout.fieldBits);
    out[Math.floor(i / layout.valuesPerCoefficient)]! += BigInt(value) << shift;
  }
  return out;
}

test('16 bits go two to a coefficient and 12 bits three for 16 sites', () => {
  assert.deepEqual(packingLayout({ bits: 16, sites: 16 }), {
    bits: 16,
    sites: 16,
    plainBits: 50,
    fieldBits: 20,
    valuesPerCoefficient: 2,
    valuesPerChunk: 8192,
  });
  assert.equal(packingLayout({ bits: 12, sites: 16 }).valuesPerCoefficient, 3);
  assert.equal(packingLayout({ bits: 16, sites: 3 }).valuesPerCoefficient, 2);
});

test('every allowed width and roster size has a layout whose fields cannot overflow', () => {
  for (let bits = MIN_BITS; bits <= MAX_BITS; bits++) {
    for (let sites = 1; sites <= MAX_SITES; sites++) {
      const layout = packingLayout({ bits, sites });
      assert.ok(layout.valuesPerCoefficient >= 1, `${bits} bits, ${sites} sites`);
      assert.ok(layout.valuesPerCoefficient * layout.fieldBits <= layout.plainBits);
      assert.ok(sites * (2 ** bits - 1) < 2 ** layout.fieldBits);
      assert.ok(layout.fieldBits <= 32 || layout.valuesPerCoefficient === 1);
    }
  }
});

test('widths and roster sizes out of range are our own bug', () => {
  for (const bits of [7, 25, 12.5, NaN]) assert.throws(() => packingLayout({ bits, sites: 3 }), RangeError);
  for (const sites of [0, 1025, 1.5]) assert.throws(() => packingLayout({ bits: 16, sites }), RangeError);
});

test('packing follows its definition and is undone by unpacking, at every width and roster size', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.integer({ min: 1, max: 200 }),
      fc.infiniteStream(fc.nat(2 ** MAX_BITS - 1)),
      (shape, count, stream) => {
        const layout = packingLayout(shape);
        const values = Uint32Array.from({ length: count }, () => stream.next().value! % 2 ** layout.bits);
        const coefficients = new BigUint64Array(N).fill(7n);
        packValues(layout, values, 0, coefficients);
        assert.deepEqual([...coefficients], packByDefinition(layout, [...values]));
        const sums = new Float64Array(count);
        unpackSums(layout, coefficients, count, sums);
        assert.deepEqual([...sums], [...values]);
      },
    ),
    { numRuns: 100 },
  );
});

test('the largest values of a full roster add up exactly in every field', () => {
  for (const bits of [8, 12, 16, 20, 24]) {
    for (const sites of [1, 2, 3, 16, 64, 255, 256, 257, 1024]) {
      const layout = packingLayout({ bits, sites });
      const largest = 2 ** bits - 1;
      const values = new Uint32Array(layout.valuesPerChunk).fill(largest);
      const coefficients = new BigUint64Array(N);
      packValues(layout, values, 0, coefficients);
      const summed = coefficients.map((value) => value * BigInt(sites));
      assert.ok(summed[0]! < 1n << BigInt(layout.plainBits));
      const sums = new Float64Array(layout.valuesPerChunk);
      unpackSums(layout, summed, sums.length, sums);
      assert.ok(
        sums.every((sum) => sum === sites * largest),
        `${bits} bits, ${sites} sites`,
      );
    }
  }
});

for (const sites of [2, 3, 16, 64]) {
  test(`one-hot updates of ${sites} sites are each counted exactly once`, () => {
    const layout = packingLayout({ bits: 16, sites });
    const total = new BigUint64Array(N);
    for (let site = 0; site < sites; site++) {
      const values = new Uint32Array(sites);
      values[site] = 1;
      const coefficients = new BigUint64Array(N);
      packValues(layout, values, 0, coefficients);
      for (let i = 0; i < N; i++) total[i] = total[i]! + coefficients[i]!;
    }
    const sums = new Uint32Array(sites);
    unpackSums(layout, total, sites, sums);
    assert.deepEqual([...sums], new Array(sites).fill(1));
  });
}

test('a chunk takes its own values, and the last one is filled with zeros', () => {
  const layout = packingLayout({ bits: 16, sites: 16 });
  const values = Uint32Array.from({ length: 8192 + 3 }, (_, i) => i & 0xffff);
  assert.equal(packedChunks(layout, values.length), 2);
  const coefficients = new BigUint64Array(N);
  packValues(layout, values, 1, coefficients);
  const sums = new Uint32Array(8192);
  unpackSums(layout, coefficients, 8192, sums);
  assert.deepEqual([...sums.subarray(0, 5)], [8192, 8193, 8194, 0, 0]);
  assert.ok(sums.subarray(3).every((sum) => sum === 0));
});

test('a value wider than the layout and a chunk of another length are our own bug', () => {
  const layout = packingLayout({ bits: 12, sites: 3 });
  assert.throws(() => packValues(layout, Uint32Array.of(4096), 0, new BigUint64Array(N)), RangeError);
  assert.throws(() => packValues(layout, Uint32Array.of(1), 0, new BigUint64Array(N - 1)), TypeError);
  const wide = packingLayout({ bits: 24, sites: 1024 });
  assert.throws(() => unpackSums(wide, new BigUint64Array(N), 1, new Uint32Array(1)), RangeError);
  assert.throws(() => unpackSums(layout, new BigUint64Array(N), 2, new Uint32Array(1)), RangeError);
});

test('a sum with bits above its fields is refused', () => {
  for (const shape of [
    { bits: 12, sites: 16 },
    { bits: 16, sites: 16 },
    { bits: 24, sites: 1024 },
    { bits: 24, sites: 64 },
  ]) {
    const layout = packingLayout(shape);
    const used = BigInt(layout.valuesPerCoefficient * layout.fieldBits);
    const coefficients = new BigUint64Array(N);
    const sums = new Float64Array(1);
    coefficients[4095] = (1n << used) - 1n;
    unpackSums(layout, coefficients, 1, sums);
    coefficients[4095] = 1n << used;
    assert.throws(
      () => unpackSums(layout, coefficients, 1, sums),
      (error) =>
        error instanceof Refusal && error.code === 'MALFORMED' && error.detail.includes('coefficient 4095'),
    );
  }
});

test('header integers survive their sum over all sites, and overflow is our own bug', () => {
  const chunk = new BigUint64Array(N).fill(9n);
  const largest = (2n ** 50n - 1n) / 16n;
  packIntegers([0, 1, 569, largest], 16, chunk);
  assert.deepEqual(
    unpackIntegers(
      chunk.map((value) => value * 16n),
      4,
    ),
    [0n, 16n, 569n * 16n, largest * 16n],
  );
  assert.throws(() => packIntegers([largest + 1n], 16, chunk), RangeError);
  assert.throws(() => packIntegers([-1], 16, chunk), RangeError);
  assert.throws(() => packIntegers([0.5], 16, chunk), RangeError);
  assert.throws(() => packIntegers(new Array<number>(N + 1).fill(0), 16, chunk), RangeError);
});

test('a header chunk with something after its integers is refused', () => {
  const chunk = new BigUint64Array(N);
  chunk[5] = 1n;
  assert.throws(() => unpackIntegers(chunk, 5), { code: 'MALFORMED' });
  assert.equal(unpackIntegers(chunk, 6)[5], 1n);
});
