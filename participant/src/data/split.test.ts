import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseDataSchema, Refusal } from '@blindsum/proto';
import { splitTable } from './split.ts';
import { concatTables, selectRows, type Table } from './table.ts';

const SCHEMA = parseDataSchema({
  features: [
    { column: 'id', type: 'number', min: '0', max: '1000' },
    { column: 'ward', type: 'category', values: ['north', 'south'] },
  ],
  label: { column: 'outcome', positive: 'ill', negative: 'well' },
});

test('a split keeps every row once, both classes on both sides, and their proportion', () => {
  const counts = fc.tuple(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 60 }));
  fc.assert(
    fc.property(
      counts,
      fc.double({ min: 0.05, max: 0.9, noNaN: true }),
      fc.integer(),
      ([ill, well], fraction, seed) => {
        const { training, holdout } = splitTable(tableOf(ill, well), fraction, seed);
        assert.deepEqual(
          [...training.numbers, ...holdout.numbers].sort((a, b) => a - b),
          [...tableOf(ill, well).numbers],
        );
        for (const [count, label] of [
          [ill, 1],
          [well, 0],
        ] as const) {
          const held = holdout.labels.filter((value) => value === label).length;
          assert.ok(held >= 1 && held <= count - 1);
          assert.ok(Math.abs(held - fraction * count) <= 1);
        }
        assert.ok(training.numbers.every((id, row) => training.categories[row] === id % 2));
      },
    ),
  );
});

test('the seed decides the split', () => {
  const split = (seed: number) => [...splitTable(tableOf(30, 30), 0.2, seed).holdout.numbers];
  assert.deepEqual(split(7), split(7));
  assert.notDeepEqual(split(7), split(8));
});

test('a class of one row cannot be split', () => {
  assert.throws(
    () => splitTable(tableOf(1, 5), 0.2, 1),
    (error) => error instanceof Refusal && error.code === 'DATA_INVALID',
  );
});

test('tables that were taken apart come together again', () => {
  const table = tableOf(5, 4);
  const parts = [
    selectRows(table, Uint32Array.of(0, 1, 2)),
    selectRows(table, Uint32Array.of(3, 4, 5, 6, 7, 8)),
  ] as const;
  assert.deepEqual(concatTables(parts), table);
});

/** `ill` positive rows, then `well` negative ones; the number of a row is its index, the category its parity. */
function tableOf(ill: number, well: number): Table {
  const ids = Array.from({ length: ill + well }, (_, i) => i);
  return {
    schema: SCHEMA,
    rows: ids.length,
    numbers: Float64Array.from(ids),
    categories: Uint8Array.from(ids, (id) => id % 2),
    labels: Uint8Array.from(ids, (id) => (id < ill ? 1 : 0)),
  };
}
