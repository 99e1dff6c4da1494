import assert from 'node:assert/strict';
import test from 'node:test';
import { encodeStatistics, parseDataSchema, statisticsFromSums } from '@blindsum/proto';
import { normaliseTable } from './normalise.ts';
import type { Table } from './table.ts';

const SCHEMA = parseDataSchema({
  features: [
    { column: 'age', type: 'number', min: '0', max: '100' },
    { column: 'ward', type: 'category', values: ['north', 'south', 'east'] },
    { column: 'device', type: 'number', min: '0', max: '1' },
    { column: 'sex', type: 'category', values: ['f', 'm'] },
    { column: 'pressure', type: 'number', min: '50', max: '250' },
  ],
  label: { column: 'outcome', positive: 'ill', negative: 'well' },
});

const AGES = [10, 30, 50, 90];
const PRESSURES = [80, 120, 95.5, 200];

const TABLE: Table = {
  schema: SCHEMA,
  rows: 4,
  numbers: Float64Array.from(AGES.flatMap((age, i) => [age, 0.3, PRESSURES[i]!])),
  categories: Uint8Array.of(0, 0, 1, 1, 2, 0, 0, 1),
  labels: Uint8Array.of(1, 0, 0, 1),
};

const dataset = normalised(TABLE);

test('numbers are standardised as if mean and deviation were computed directly', () => {
  assertColumn(0, standardised(AGES));
  assertColumn(7, standardised(PRESSURES));
});

test('a constant feature becomes exactly zero', () => {
  assert.deepEqual(column(4), [0, 0, 0, 0]);
});

test('a category becomes a single one among zeros, and is not standardised', () => {
  assert.deepEqual([1, 2, 3].map(column), [
    [1, 0, 0, 1],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
  ]);
  assert.deepEqual([5, 6].map(column), [
    [1, 0, 1, 0],
    [0, 1, 0, 1],
  ]);
});

test('a value out of the declared range counts as the end of the range', () => {
  const statistics = statisticsFromSums(SCHEMA, encodeStatistics(SCHEMA, TABLE, 24).integers, 24);
  const beyond = { ...TABLE, numbers: TABLE.numbers.with(0, 1e9) };
  const atEnd = { ...TABLE, numbers: TABLE.numbers.with(0, 100) };
  assert.deepEqual(normaliseTable(beyond, statistics).x, normaliseTable(atEnd, statistics).x);
});

test('shape and labels are those of the table', () => {
  assert.deepEqual([dataset.rows, dataset.width, dataset.x.length], [4, 8, 32]);
  assert.deepEqual([...dataset.y], [1, 0, 0, 1]);
});

function normalised(table: Table) {
  return normaliseTable(table, statisticsFromSums(SCHEMA, encodeStatistics(SCHEMA, table, 24).integers, 24));
}

function column(index: number): number[] {
  return Array.from({ length: dataset.rows }, (_, row) => dataset.x[row * dataset.width + index]!);
}

function assertColumn(index: number, expected: number[]): void {
  column(index).forEach((value, row) => assert.ok(Math.abs(value - expected[row]!) < 1e-5, `${value}`));
}

function standardised(values: number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (value - mean) / deviation);
}
