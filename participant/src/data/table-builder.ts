// Collects rows while a file is read, in typed arrays that grow by doubling.
import { categoryFeatures, numberFeatures, type DataSchema } from '@blindsum/proto';
import type { Table } from './table.ts';

/** One growing table. Values are appended row by row, in the order of Table's columns. */
export class TableBuilder {
  readonly #schema: DataSchema;
  #numbers = new Float64Array(1024);
  #numberCount = 0;
  #categories = new Uint8Array(1024);
  #categoryCount = 0;
  #labels = new Uint8Array(1024);
  #rows = 0;

  constructor(schema: DataSchema) {
    this.#schema = schema;
  }

  addNumber(value: number): void {
    if (this.#numberCount === this.#numbers.length)
      this.#numbers = doubled(this.#numbers, new Float64Array(2 * this.#numberCount));
    this.#numbers[this.#numberCount++] = value;
  }

  addCategory(index: number): void {
    if (this.#categoryCount === this.#categories.length)
      this.#categories = doubled(this.#categories, new Uint8Array(2 * this.#categoryCount));
    this.#categories[this.#categoryCount++] = index;
  }

  /** Ends the row with its label. */
  endRow(label: 0 | 1): void {
    if (this.#rows === this.#labels.length)
      this.#labels = doubled(this.#labels, new Uint8Array(2 * this.#rows));
    this.#labels[this.#rows++] = label;
  }

  /** The table of all rows ended so far; throws if a row has too few or too many values. */
  toTable(): Table {
    const rows = this.#rows;
    const isWhole =
      this.#numberCount === rows * numberFeatures(this.#schema).length &&
      this.#categoryCount === rows * categoryFeatures(this.#schema).length;
    if (!isWhole) throw new Error('a row does not have the values of its schema');
    return {
      schema: this.#schema,
      rows,
      numbers: this.#numbers.slice(0, this.#numberCount),
      categories: this.#categories.slice(0, this.#categoryCount),
      labels: this.#labels.slice(0, rows),
    };
  }
}

function doubled<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
