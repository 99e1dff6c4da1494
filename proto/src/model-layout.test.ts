import assert from 'node:assert/strict';
import test from 'node:test';
import { toHex } from './bytes.ts';
import { sha256 } from './digest.ts';
import { createModelLayout, initialWeights, parseModelSpec } from './model-layout.ts';
import { Refusal } from './refusal.ts';

test('the tensors of a model are laid out layer by layer, kernel before bias', () => {
  const layout = createModelLayout({ kind: 'mlp', hidden: [4, 2], activation: 'relu' }, 3);
  assert.deepEqual(
    layout.tensors.map(({ name, shape, size, offset }) => [name, ...shape, size, offset]),
    [
      ['dense_0/kernel', 3, 4, 12, 0],
      ['dense_0/bias', 4, 4, 12],
      ['dense_1/kernel', 4, 2, 8, 16],
      ['dense_1/bias', 2, 2, 24],
      ['dense_2/kernel', 2, 1, 2, 26],
      ['dense_2/bias', 1, 1, 28],
    ],
  );
  assert.equal(layout.parameterCount, 29);
});

test('a model without hidden layers is one logit of its inputs', () => {
  const layout = createModelLayout({ kind: 'mlp', hidden: [], activation: 'tanh' }, 5);
  assert.equal(layout.parameterCount, 6);
});

test('initial weights are the same bytes on every machine', () => {
  const layout = createModelLayout({ kind: 'mlp', hidden: [16, 8], activation: 'relu' }, 30);
  const weights = initialWeights(layout, 'breast-cancer 1');
  assert.equal(hashOf(weights), 'd5235698e0ad373e9ad2a3008a94cb5f297c3307731a820bed2559f053f9da0d');
  assert.notEqual(hashOf(initialWeights(layout, 'breast-cancer 2')), hashOf(weights));
});

test('initial kernels fill the Glorot range evenly and biases are zero', () => {
  const layout = createModelLayout({ kind: 'mlp', hidden: [100], activation: 'relu' }, 50);
  const weights = initialWeights(layout, 'seed');
  const limit = Math.sqrt(6 / 150);
  const kernel = weights.subarray(0, 5000);
  assert.ok(kernel.every((value) => Math.abs(value) < limit && value !== 0));
  assert.ok(Math.abs(kernel.reduce((sum, value) => sum + value, 0) / 5000) < limit / 20);
  const variance = kernel.reduce((sum, value) => sum + value * value, 0) / 5000;
  assert.ok(Math.abs(variance / (limit * limit) - 1 / 3) < 0.02);
  assert.ok(weights.subarray(5000, 5100).every((value) => value === 0));
});

test('two layers of one shape start from different weights', () => {
  const layout = createModelLayout({ kind: 'mlp', hidden: [8, 8], activation: 'relu' }, 8);
  const weights = initialWeights(layout, 'seed');
  assert.notDeepEqual(weights.slice(0, 64), weights.slice(72, 136));
});

const BAD: [string, unknown][] = [
  ['an unknown kind', { kind: 'cnn', hidden: [], activation: 'relu' }],
  ['an unknown key', { kind: 'mlp', hidden: [], activation: 'relu', dropout: 1 }],
  ['an unknown activation', { kind: 'mlp', hidden: [], activation: 'eval' }],
  ['no units', { kind: 'mlp', hidden: [0], activation: 'relu' }],
  ['a broken number of units', { kind: 'mlp', hidden: [1.5], activation: 'relu' }],
  ['too many units', { kind: 'mlp', hidden: [65537], activation: 'relu' }],
  ['too many layers', { kind: 'mlp', hidden: new Array(16).fill(1), activation: 'relu' }],
];

for (const [what, value] of BAD) {
  test(`a model with ${what} is refused`, () => {
    assert.throws(() => parseModelSpec(value), isManifestRefusal);
  });
}

test('a model of more than 100 million parameters is refused before anything is allocated', () => {
  const spec = parseModelSpec({ kind: 'mlp', hidden: [65536, 65536], activation: 'relu' });
  assert.throws(() => createModelLayout(spec, 10), isManifestRefusal);
});

function hashOf(weights: Float32Array): string {
  const bytes = new Uint8Array(4 * weights.length);
  const view = new DataView(bytes.buffer);
  weights.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return toHex(sha256(bytes));
}

function isManifestRefusal(error: unknown): boolean {
  return error instanceof Refusal && error.code === 'MANIFEST_INVALID';
}
