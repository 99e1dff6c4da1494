// Holds out a share of a site's rows for evaluation, with the classes in proportion.
import { refuseUnless } from '@blindsum/proto';
import { SeededRandom } from './seeded-random.ts';
import { selectRows, type Table } from './table.ts';

export interface Split {
  readonly training: Table;
  readonly holdout: Table;
}

/**
 * Splits `table` by a seeded draw, class by class: `fraction` (above 0, below 1) of each class is held out, at least one
 * row of it, and at least one stays. The same rows and seed give the same split. Refuses DATA_INVALID if a class has one row.
 */
export function splitTable(table: Table, fraction: number, seed: number): Split {
  if (!(fraction > 0 && fraction < 1)) throw new RangeError('the holdout fraction must be between 0 and 1');
  const random = new SeededRandom(seed);
  const [training, holdout]: [number[], number[]] = [[], []];
  for (const label of [0, 1]) {
    const rows = rowsOf(table, label);
    refuseUnless(
      rows.length !== 1,
      'DATA_INVALID',
      'only one row of one class: too few to hold one out; add rows',
    );
    random.shuffle(rows);
    const held = Math.min(rows.length - 1, Math.max(1, Math.round(rows.length * fraction)));
    holdout.push(...rows.subarray(0, Math.max(0, held)));
    training.push(...rows.subarray(Math.max(0, held)));
  }
  return { training: selectRows(table, inOrder(training)), holdout: selectRows(table, inOrder(holdout)) };
}

function rowsOf(table: Table, label: number): Uint32Array {
  return Uint32Array.from(table.labels.keys()).filter((row) => table.labels[row] === label);
}

function inOrder(rows: number[]): Uint32Array {
  return Uint32Array.from(rows).sort();
}
