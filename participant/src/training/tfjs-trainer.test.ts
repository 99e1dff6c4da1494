import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { createModelLayout, Refusal, toEvaluation, type Activation } from '@blindsum/proto';
import { estimateBytes } from './memory-estimate.ts';
import { TfjsTrainer, TrainingCancelled, type LocalTrainRequest, type TrainHooks } from './tfjs-trainer.ts';
import { separable, toySetup, toyWeights } from './toy-data.fixture.ts';
import type { TrainerSetup, TrainProgress } from './trainer.ts';

const QUIET: TrainHooks = { onProgress: () => undefined, isCancelled: () => false };
const SETUP = toySetup('cpu');

const REQUEST: LocalTrainRequest = {
  weights: toyWeights(SETUP),
  epochs: 5,
  batchSize: 16,
  optimizer: { kind: 'adam', learningRate: 0.02 },
  seed: 7,
};

for (const optimizer of [
  { kind: 'sgd', learningRate: 0.3 },
  { kind: 'momentum', learningRate: 0.05 },
  { kind: 'adam', learningRate: 0.02 },
] as const) {
  test(`${optimizer.kind} learns classes that a line separates`, async () => {
    const trainer = await TfjsTrainer.open(SETUP);
    const { local, lossPerEpoch, steps, examples } = trainer.train(
      { ...REQUEST, epochs: 20, optimizer },
      QUIET,
    );
    assert.ok(lossPerEpoch.at(-1)! < 0.5 * lossPerEpoch[0]!, `losses ${lossPerEpoch.join()}`);
    assert.deepEqual([steps, examples, lossPerEpoch.length], [20 * 7, 100, 20]);
    const { accuracy, auc } = toEvaluation(trainer.evaluate(local, 512));
    assert.ok(accuracy > 0.93 && auc! > 0.98, `accuracy ${accuracy}, auc ${auc}`);
    trainer.dispose();
  });
}

for (const backend of ['cpu', 'wasm'] as const) {
  test(`the same seed gives the same weights on ${backend}, another seed others`, async () => {
    const trainer = await TfjsTrainer.open(toySetup(backend));
    const { local } = trainer.train(REQUEST, QUIET);
    trainer.train({ ...REQUEST, seed: 8 }, QUIET);
    assert.deepEqual(trainer.train(REQUEST, QUIET).local, local);
    assert.notDeepEqual(trainer.train({ ...REQUEST, seed: 8 }, QUIET).local, local);
    trainer.dispose();
  });

  test(`rounds leave no tensors behind on ${backend}`, async () => {
    const trainer = await TfjsTrainer.open(toySetup(backend));
    const round = (kind: 'sgd' | 'momentum' | 'adam') => {
      const request = { ...REQUEST, epochs: 1, proximalMu: 0.1, classWeights: { positive: 2, negative: 1 } };
      trainer.evaluate(
        trainer.train({ ...request, optimizer: { kind, learningRate: 0.01 } }, QUIET).local,
        16,
      );
      return tf.memory().numTensors;
    };
    const first = round('sgd');
    assert.deepEqual([round('momentum'), round('adam'), round('sgd')], [first, first, first]);
    trainer.dispose();
  });
}

test('the backends agree', async () => {
  const results = [];
  for (const backend of ['cpu', 'wasm'] as const) {
    const trainer = await TfjsTrainer.open(toySetup(backend));
    results.push(trainer.train(REQUEST, QUIET).local);
    trainer.dispose();
  }
  assertClose(results[0]!, results[1]!, 1e-4);
});

for (const activation of ['relu', 'tanh'] as const) {
  for (const backend of ['cpu', 'wasm'] as const) {
    test(`one step follows the gradient of the loss, by finite differences (${activation}, ${backend})`, async () => {
      const setup = toySetup(backend, activation);
      const trainer = await TfjsTrainer.open(setup);
      const weights = toyWeights(setup).map((value, i) => value + 0.05 * Math.sin(i));
      const classWeights = { positive: 3, negative: 0.5 };
      const step = {
        epochs: 1,
        batchSize: 1000,
        optimizer: { kind: 'sgd', learningRate: 1 },
        seed: 1,
      } as const;
      const { local, lossPerEpoch } = trainer.train({ ...step, weights, classWeights }, QUIET);
      const loss = (w: Float64Array) => referenceLoss(setup, activation, w, classWeights);
      assert.ok(Math.abs(lossPerEpoch[0]! - loss(Float64Array.from(weights))) < 1e-5);
      const gradient = differences(loss, Float64Array.from(weights));
      assertClose(
        weights.map((value, i) => value - local[i]!),
        gradient,
        1e-4,
      );
      trainer.dispose();
    });
  }
}

test('the proximal term keeps the local weights near the global ones, without changing the first step', async () => {
  const trainer = await TfjsTrainer.open(SETUP);
  const distance = (proximalMu: number, batchSize: number) => {
    const { local } = trainer.train(
      { ...REQUEST, epochs: 1, batchSize, optimizer: { kind: 'sgd', learningRate: 0.1 }, proximalMu },
      QUIET,
    );
    return Math.hypot(...local.map((value, i) => value - REQUEST.weights[i]!));
  };
  assert.equal(distance(1, 100), distance(0, 100));
  assert.ok(distance(1, 5) < 0.9 * distance(0, 5));
  assert.ok(distance(5, 5) < 0.7 * distance(1, 5));
  trainer.dispose();
});

test('progress is told after each epoch', async () => {
  const trainer = await TfjsTrainer.open(SETUP);
  const told: TrainProgress[] = [];
  const { lossPerEpoch } = trainer.train(
    { ...REQUEST, epochs: 2 },
    { ...QUIET, onProgress: (progress) => told.push(progress) },
  );
  assert.deepEqual(told, [
    { epoch: 1, epochs: 2, steps: 7, loss: lossPerEpoch[0] },
    { epoch: 2, epochs: 2, steps: 14, loss: lossPerEpoch[1] },
  ]);
  trainer.dispose();
});

test('a cancelled training stops before the next batch, and the trainer can go on', async () => {
  const trainer = await TfjsTrainer.open(SETUP);
  const before = trainer.train(REQUEST, QUIET).local;
  let batches = 0;
  assert.throws(
    () => trainer.train(REQUEST, { ...QUIET, isCancelled: () => ++batches > 3 }),
    TrainingCancelled,
  );
  assert.equal(batches, 4);
  assert.deepEqual(trainer.train(REQUEST, QUIET).local, before);
  trainer.dispose();
});

test('weights of another model are refused', async () => {
  const trainer = await TfjsTrainer.open(SETUP);
  for (const weights of [REQUEST.weights.slice(1), new Float32Array(0), new Float32Array(1000)]) {
    assert.throws(() => trainer.train({ ...REQUEST, weights }, QUIET), isRefusal('MODEL_MISMATCH'));
    assert.throws(() => trainer.evaluate(weights, 8), isRefusal('MODEL_MISMATCH'));
  }
  trainer.dispose();
});

test('data of another width than the model is refused', async () => {
  const holdout = { ...separable(4, 1), width: 3 };
  await assert.rejects(TfjsTrainer.open({ ...SETUP, holdout }), isRefusal('MODEL_MISMATCH'));
});

test('a training that diverges is refused instead of sending numbers that are none', async () => {
  const trainer = await TfjsTrainer.open(SETUP);
  const request: LocalTrainRequest = { ...REQUEST, optimizer: { kind: 'sgd', learningRate: 1e30 } };
  assert.throws(() => trainer.train(request, QUIET), isRefusal('MANIFEST_INVALID'));
  trainer.dispose();
});

test('the memory of a training is estimated before it starts', () => {
  const layout = createModelLayout({ kind: 'mlp', hidden: [10_000, 8_000], activation: 'relu' }, 1000);
  const size = { batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.1 } } as const;
  assert.ok(estimateBytes(layout, size) > 6 * 4 * layout.parameterCount);
  assert.ok(estimateBytes(layout, { ...size, batchSize: 64 }) > estimateBytes(layout, size));
});

test('a job that WebAssembly cannot hold is refused before it overwrites its own weights', async () => {
  const trainer = await TfjsTrainer.open(toySetup('wasm'));
  assert.throws(() => trainer.train({ ...REQUEST, batchSize: 1e8 }, QUIET), isRefusal('MANIFEST_INVALID'));
  trainer.dispose();
});

type ClassWeights = NonNullable<LocalTrainRequest['classWeights']>;

/** The loss over all training rows in float64 and plain loops, written from the definition. */
function referenceLoss(
  { layout, training }: TrainerSetup,
  activation: Activation,
  w: Float64Array,
  by: ClassWeights,
): number {
  let total = 0;
  for (let row = 0; row < training.rows; row++) {
    let values = [...training.x.subarray(2 * row, 2 * row + 2)];
    for (let layer = 0; layer < layout.tensors.length; layer += 2) {
      const [kernel, bias] = [layout.tensors[layer]!, layout.tensors[layer + 1]!];
      const sums = Array.from({ length: bias.size }, (_, out) =>
        values.reduce(
          (sum, value, i) => sum + value * w[kernel.offset + i * bias.size + out]!,
          w[bias.offset + out]!,
        ),
      );
      const isLast = layer === layout.tensors.length - 2;
      values = isLast ? sums : sums.map((sum) => (activation === 'relu' ? Math.max(0, sum) : Math.tanh(sum)));
    }
    const probability = 1 / (1 + Math.exp(-values[0]!));
    total -=
      training.y[row] === 1 ? by.positive * Math.log(probability) : by.negative * Math.log(1 - probability);
  }
  return total / training.rows;
}

function differences(loss: (w: Float64Array) => number, weights: Float64Array): Float64Array {
  const step = 1e-6;
  return weights.map(
    (value, i) => (loss(weights.with(i, value + step)) - loss(weights.with(i, value - step))) / (2 * step),
  );
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(
      Math.abs(actual[i]! - expected[i]!) < tolerance,
      `at ${i}: ${actual[i]} against ${expected[i]}`,
    );
  }
}

function isRefusal(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Refusal && error.code === code;
}
