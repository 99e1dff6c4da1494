// A site's rows in memory, as read: checked against the schema, not yet normalised.
import { categoryFeatures, numberFeatures, type DataSchema } from '@blindsum/proto';

export interface Table {
  readonly schema: DataSchema;
  readonly rows: number;
  /** [rows, numeric features], row-major, in the schema's order and the file's units. */
  readonly numbers: Float64Array;
  /** [rows, categorical features], row-major: the index of the category in its feature's `values`. */
  readonly categories: Uint8Array;
  /** [rows]: 1 for the positive label, 0 for the negative. */
  readonly labels: Uint8Array;
}

/** The rows at `indices`, in that order. */
export function selectRows(table: Table, indices: Uint32Array): Table {
  const { schema } = table;
  const numbers = new Float64Array(indices.length * numberFeatures(schema).length);
  const categories = new Uint8Array(indices.length * categoryFeatures(schema).length);
  const labels = new Uint8Array(indices.length);
  copyRows(table.numbers, numbers, indices);
  copyRows(table.categories, categories, indices);
  copyRows(table.labels, labels, indices);
  return { schema, rows: indices.length, numbers, categories, labels };
}

/** The rows of several tables of one schema, one after another: what pooling would give. */
export function concatTables(tables: readonly [Table, ...Table[]]): Table {
  const numbers = new Float64Array(totalOf(tables, 'numbers'));
  const categories = new Uint8Array(totalOf(tables, 'categories'));
  const labels = new Uint8Array(totalOf(tables, 'labels'));
  const filled = { numbers: 0, categories: 0, rows: 0 };
  for (const table of tables) {
    numbers.set(table.numbers, filled.numbers);
    categories.set(table.categories, filled.categories);
    labels.set(table.labels, filled.rows);
    filled.numbers += table.numbers.length;
    filled.categories += table.categories.length;
    filled.rows += table.rows;
  }
  return { schema: tables[0].schema, rows: filled.rows, numbers, categories, labels };
}

function totalOf(tables: readonly Table[], column: 'numbers' | 'categories' | 'labels'): number {
  return tables.reduce((total, table) => total + table[column].length, 0);
}

function copyRows<T extends Float64Array | Uint8Array>(from: T, to: T, indices: Uint32Array): void {
  const width = to.length / Math.max(1, indices.length);
  indices.forEach((row, i) => to.set(from.subarray(row * width, (row + 1) * width), i * width));
}
