// What a released model says about rows: in plain arithmetic, which needs no library and gives the same bits everywhere but for the
// last ones of tanh and exp.
import type { Activation } from '@blindsum/proto';
import { normaliseTable } from '../data/normalise.ts';
import type { Table } from '../data/table.ts';
import type { ReleasedModel } from './released-model.ts';

const ACTIVATIONS: Record<Activation, (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
};

/** The probability of the positive label for each row. */
export function predict(model: ReleasedModel, table: Table): Float64Array {
  const { mean, deviation } = model;
  // No other deviation is 1: a feature within [0, 1] deviates by at most 1/2.
  const isConstant = Array.from(deviation, (value) => value === 1);
  const { x, width, rows } = normaliseTable(table, { mean, deviation, isConstant, examples: 0 });
  return Float64Array.from({ length: rows }, (_, row) =>
    toProbability(logit(model, x.subarray(row * width, (row + 1) * width))),
  );
}

function logit({ layout, weights }: ReleasedModel, inputs: Float32Array): number {
  const layers = layout.tensors.length / 2;
  let values: ArrayLike<number> = inputs;
  for (let layer = 0; layer < layers; layer++) {
    const [kernel, bias] = [layout.tensors[2 * layer]!, layout.tensors[2 * layer + 1]!];
    const activate = layer === layers - 1 ? (x: number) => x : ACTIVATIONS[layout.activation];
    const before = values;
    values = Float64Array.from({ length: bias.size }, (_, unit) => {
      let sum = weights[bias.offset + unit]!;
      for (let i = 0; i < before.length; i++)
        sum += before[i]! * weights[kernel.offset + i * bias.size + unit]!;
      return activate(sum);
    });
  }
  return values[0]!;
}

function toProbability(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
