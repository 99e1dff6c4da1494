import assert from 'node:assert/strict';
import test from 'node:test';
import { DATASETS } from './datasets.ts';
import { readLines, splitRows, toCsv } from './split-data.ts';

const LABELS = Array.from({ length: 200 }, (_, row): 0 | 1 => (row < 80 ? 1 : 0));
const { sites } = DATASETS.breast_cancer;

test('the same seed gives the same split, another seed another', () => {
  const split = (seed: number) => splitRows({ labels: LABELS }, { sites, seed });
  assert.deepEqual(split(1), split(1));
  assert.notDeepEqual(split(1), split(2));
});

test('sites hold the shares of each label that were asked for, a fifth of each held out', () => {
  const [first, , last] = splitRows({ labels: LABELS }, { sites, seed: 3 });
  const count = (rows: readonly number[]) => [rows.length, rows.filter((row) => LABELS[row] === 1).length];
  assert.deepEqual(count(first!.training), [35 + 10, 35]);
  assert.deepEqual(count(first!.holdout), [9 + 2, 9]);
  assert.deepEqual(count([...last!.training, ...last!.holdout]), [4 + 72, 4]);
});

test('lines come back as they were, under their header', () => {
  const lines = readLines('a,y\n1,yes\n2,no\n3,yes\n', { column: 'y', positive: 'yes' });
  assert.deepEqual(lines.labels, [1, 0, 1]);
  assert.equal(toCsv(lines, [0, 2]), 'a,y\n1,yes\n3,yes\n');
  assert.throws(() => readLines('a,b\n', { column: 'y', positive: 'yes' }), /no column y/);
});
