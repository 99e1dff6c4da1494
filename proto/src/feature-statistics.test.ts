import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseDataSchema, type DataSchema } from './data-schema.ts';
import {
  encodeStatistics,
  statisticsBits,
  statisticsFields,
  statisticsFromSums,
  type NumberRows,
} from './feature-statistics.ts';
import { Refusal } from './refusal.ts';

const SCHEMA = schemaOf([
  ['age', '0', '128'],
  ['pressure', '-10', '10'],
]);

test('the statistics of three sites equal those computed directly from all rows', () => {
  const cell = fc.tuple(
    fc.double({ min: 0, max: 128, noNaN: true }),
    fc.double({ min: -10, max: 10, noNaN: true }),
  );
  const site = fc.array(cell, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(site, { minLength: 1, maxLength: 3 }), (sites) => {
      const sums = addUp(sites.map((rows) => encodeStatistics(SCHEMA, toRows(rows), 24).integers));
      const statistics = statisticsFromSums(SCHEMA, sums, 24);
      const all = sites.flat();
      const units = [all.map(([age]) => age / 128), all.map(([, pressure]) => (pressure + 10) / 20)];
      units.forEach((column, j) => {
        assert.ok(Math.abs(statistics.mean[j]! - meanOf(column)) < 1e-7);
        const variance = meanOf(column.map((u) => (u - meanOf(column)) ** 2));
        const error = Math.abs((statistics.isConstant[j] ? 0 : statistics.deviation[j]! ** 2) - variance);
        assert.ok(error < 2.5e-7, `variance off by ${error}`);
      });
      assert.equal(statistics.examples, all.length);
    }),
  );
});

test('a constant feature is known as such, whatever its value', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 128_000 }), fc.integer({ min: 1, max: 50 }), (milliyears, rows) => {
      const data = toRows(Array.from({ length: rows }, () => [milliyears / 1000, 0]));
      const statistics = statisticsFromSums(SCHEMA, encodeStatistics(SCHEMA, data, 16).integers, 16);
      assert.deepEqual(statistics.isConstant, [true, true]);
      assert.equal(statistics.deviation[0], 1);
    }),
  );
});

test('a feature that varies little within its range is not taken for a constant', () => {
  const data = toRows([
    [64, 0],
    [64.25, 0],
  ]);
  const statistics = statisticsFromSums(SCHEMA, encodeStatistics(SCHEMA, data, 24).integers, 24);
  assert.deepEqual(statistics.isConstant, [false, true]);
});

test('values out of the declared range are clamped and counted', () => {
  const { integers, outOfRange } = encodeStatistics(
    SCHEMA,
    toRows([
      [-5, 11],
      [500, 0],
      [0, 10],
    ]),
    20,
  );
  assert.deepEqual(outOfRange, [2, 1]);
  assert.deepEqual(integers, [3, 2 ** 20, 2 ** 20, 2.5 * 2 ** 20, 2.25 * 2 ** 20]);
});

test('a header names every integer it holds', () => {
  assert.equal(
    statisticsFields(SCHEMA).length,
    encodeStatistics(SCHEMA, toRows([[1, 1]]), 20).integers.length,
  );
});

test('a schema without numeric features sums its examples only', () => {
  const schema = parseDataSchema({
    features: [{ column: 'sex', type: 'category', values: ['f', 'm'] }],
    label: { column: 'y', positive: '1', negative: '0' },
  });
  const sums = encodeStatistics(schema, { rows: 7, numbers: new Float64Array(0) }, 20);
  assert.deepEqual(sums.integers, [7]);
  assert.equal(statisticsFromSums(schema, sums.integers, 20).examples, 7);
});

test('the fraction bits are the most that no sum can overflow', () => {
  assert.equal(statisticsBits({ sites: 3, maxExamples: 1000, plainBits: 52 }), 24);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1024 }),
      fc.integer({ min: 1, max: 1 << 20 }),
      (sites, maxExamples) => {
        const bits = statisticsBits({ sites, maxExamples, plainBits: 50 });
        assert.ok(BigInt(maxExamples * sites) << BigInt(bits) < 1n << 50n);
        assert.ok(bits === 24 || BigInt(maxExamples * sites) << BigInt(bits + 1) >= 1n << 50n);
      },
    ),
  );
  assert.throws(
    () => statisticsBits({ sites: 1024, maxExamples: 2 ** 26, plainBits: 44 }),
    isRefusal('MANIFEST_INVALID'),
  );
});

test('sums that no rows have are refused', () => {
  const good = [2, 100, 100, 100, 100];
  for (const bad of [
    [],
    [0, 0, 0, 0, 0],
    good.slice(1),
    [...good, 0],
    [2, -1, 1, 1, 1],
    [2, 2 ** 18, 1, 1, 1],
    [2, 1, 1, 1, 0.5],
  ])
    assert.throws(() => statisticsFromSums(SCHEMA, bad, 16), isRefusal('MALFORMED'), JSON.stringify(bad));
  assert.doesNotThrow(() => statisticsFromSums(SCHEMA, good, 16));
});

function schemaOf(columns: [string, string, string][]): DataSchema {
  const features = columns.map(([column, min, max]) => ({ column, type: 'number', min, max }));
  return parseDataSchema({ features, label: { column: 'y', positive: '1', negative: '0' } });
}

function toRows(rows: number[][]): NumberRows {
  return { rows: rows.length, numbers: Float64Array.from(rows.flat()) };
}

function addUp(vectors: number[][]): number[] {
  return vectors.reduce((sum, vector) => sum.map((value, i) => value + vector[i]!));
}

function meanOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function isRefusal(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Refusal && error.code === code;
}
