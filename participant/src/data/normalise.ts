// Turns a table into the inputs of the model: numbers standardised by the federation's statistics, categories one-hot.
import { inputWidth, toNumber, toUnitInterval, type Feature, type FeatureStatistics } from '@blindsum/proto';
import type { Table } from './table.ts';

/** What a trainer learns from. */
export interface Dataset {
  readonly rows: number;
  /** Inputs of the model. */
  readonly width: number;
  /** [rows, width], row-major. */
  readonly x: Float32Array;
  /** [rows]: 1 for the positive class, 0 for the negative. */
  readonly y: Uint8Array;
}

/**
 * Inputs in the schema's order. A number is clamped into its declared range, as it was when the statistics were summed,
 * and becomes (u - mean) / deviation; a constant feature becomes 0. A category becomes one 1 among 0s.
 */
export function normaliseTable(table: Table, statistics: FeatureStatistics): Dataset {
  const { schema, rows } = table;
  const width = inputWidth(schema);
  const x = new Float32Array(rows * width);
  let [offset, number, category] = [0, 0, 0];
  for (const feature of schema.features) {
    if (feature.type === 'number') {
      writeNumbers(table, { feature, column: number++, statistics }, x.subarray(offset++));
    } else {
      writeCategories(table, category++, x.subarray(offset));
      offset += feature.values.length;
    }
  }
  return { rows, width, x, y: table.labels };
}

interface NumberColumn {
  readonly feature: Extract<Feature, { type: 'number' }>;
  readonly column: number;
  readonly statistics: FeatureStatistics;
}

/** Writes one column; `x` starts at its first row. */
function writeNumbers(table: Table, { feature, column, statistics }: NumberColumn, x: Float32Array): void {
  if (statistics.isConstant[column] === true) return;
  const [min, max] = [toNumber(feature.min), toNumber(feature.max)];
  const [mean, deviation] = [statistics.mean[column]!, statistics.deviation[column]!];
  const [stride, width] = [table.numbers.length / table.rows, inputWidth(table.schema)];
  for (let row = 0; row < table.rows; row++) {
    const unit = toUnitInterval(table.numbers[row * stride + column]!, min, max);
    x[row * width] = (unit - mean) / deviation;
  }
}

function writeCategories(table: Table, column: number, x: Float32Array): void {
  const [stride, width] = [table.categories.length / table.rows, inputWidth(table.schema)];
  for (let row = 0; row < table.rows; row++) x[row * width + table.categories[row * stride + column]!] = 1;
}
