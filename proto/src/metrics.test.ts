import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  aucFromHistogram,
  aucFromScores,
  encodeEvaluation,
  evaluationBound,
  evaluationFields,
  MAX_EXAMPLE_LOSS,
  parseEvaluation,
  summariseLogits,
  toEvaluation,
} from './metrics.ts';
import { Refusal } from './refusal.ts';

test('an evaluation counts examples, correct predictions, loss and scores by class', () => {
  const sums = summariseLogits(Float32Array.of(3, -3, 0.1, -0.1), Uint8Array.of(1, 0, 0, 1), 2);
  assert.deepEqual([sums.examples, sums.correct, sums.positives, sums.negatives], [4, 2, [1, 1], [1, 1]]);
  const expected = 2 * Math.log(1 + Math.exp(-3)) + 2 * Math.log(1 + Math.exp(0.1));
  assert.ok(Math.abs(sums.loss / 65536 - expected) < 1e-4);
});

test('the sum of the evaluations of several sites is the evaluation of all their examples', () => {
  const example = fc.tuple(fc.float({ min: -20, max: 20, noNaN: true }), fc.integer({ min: 0, max: 1 }));
  fc.assert(
    fc.property(fc.array(fc.array(example, { maxLength: 20 }), { minLength: 1, maxLength: 4 }), (sites) => {
      const encoded = sites.map((site) => encodeEvaluation(summarise(site)));
      const sum = encoded.reduce((total, integers) => total.map((value, i) => value + integers[i]!));
      const [added, pooled] = [parseEvaluation(sum, 16), summarise(sites.flat())];
      assert.deepEqual({ ...added, loss: 0 }, { ...pooled, loss: 0 });
      assert.ok(Math.abs(added.loss - pooled.loss) <= sites.length);
    }),
  );
});

test('a header names every integer it holds', () => {
  assert.equal(evaluationFields(16).length, encodeEvaluation(summarise([[0, 1]])).length);
});

test('a model that diverged gives the largest loss, never an overflow or a correct answer', () => {
  const sums = summariseLogits(Float32Array.of(NaN, NaN, Infinity, -Infinity), Uint8Array.of(0, 1, 0, 1), 4);
  assert.equal(sums.loss, evaluationBound(4));
  assert.equal(sums.loss, 4 * MAX_EXAMPLE_LOSS * 65536);
  assert.equal(sums.correct, 0);
});

test('the exact area under the curve equals counting all pairs', () => {
  const example = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 1 }));
  fc.assert(
    fc.property(fc.array(example, { minLength: 1, maxLength: 30 }), (examples) => {
      const auc = aucFromScores(
        Float32Array.from(examples, ([s]) => s),
        Uint8Array.from(examples, ([, y]) => y),
      );
      assert.equal(auc, countPairs(examples));
    }),
  );
});

test('a histogram gives the area under the curve with ties inside a bin counting half', () => {
  assert.equal(aucFromHistogram([0, 0, 2], [2, 0, 0]), 1);
  assert.equal(aucFromHistogram([2, 0, 0], [0, 0, 2]), 0);
  assert.equal(aucFromHistogram([0, 4, 0], [0, 2, 0]), 0.5);
});

test('there is no area under the curve for one class only', () => {
  assert.equal(aucFromHistogram([0, 0], [3, 1]), undefined);
  assert.equal(aucFromHistogram([3, 1], [0, 0]), undefined);
  assert.equal(aucFromScores(Float32Array.of(1, 2), Uint8Array.of(1, 1)), undefined);
});

test('means are taken over the examples', () => {
  const sums = { examples: 4, loss: 65536 * 2, correct: 3, positives: [0, 2], negatives: [2, 0] };
  assert.deepEqual(toEvaluation(sums), { examples: 4, loss: 0.5, accuracy: 0.75, auc: 1 });
});

test('sums that no evaluation can give are refused', () => {
  const good = encodeEvaluation(
    summarise([
      [1, 1],
      [2, 0],
    ]),
  );
  const bad = [
    [],
    good.slice(1),
    [...good, 0],
    good.with(0, 3),
    good.with(2, 9),
    good.with(1, -1),
    good.with(1, 0.5),
  ];
  for (const integers of bad) {
    assert.throws(
      () => parseEvaluation(integers, 16),
      (error) => error instanceof Refusal && error.code === 'MALFORMED',
    );
  }
  assert.doesNotThrow(() => parseEvaluation(good, 16));
});

function summarise(examples: [number, number][]) {
  const [logits, labels] = [examples.map(([logit]) => logit), examples.map(([, label]) => label)];
  return summariseLogits(Float32Array.from(logits), Uint8Array.from(labels), 16);
}

function countPairs(examples: [number, number][]): number | undefined {
  const positives = examples.filter(([, y]) => y === 1);
  const negatives = examples.filter(([, y]) => y === 0);
  if (positives.length === 0 || negatives.length === 0) return undefined;
  const points = positives.flatMap(([p]) => negatives.map(([n]) => (p > n ? 1 : p === n ? 0.5 : 0)));
  return points.reduce((sum: number, point) => sum + point, 0) / points.length;
}
