// A multilayer perceptron in TensorFlow.js operations, with its parameters as one flat vector in the layout's order.
import * as tf from '@tensorflow/tfjs-core';
import { refuseUnless, type Activation, type ModelLayout, type TensorLayout } from '@blindsum/proto';

const ACTIVATIONS: Record<Activation, (x: tf.Tensor2D) => tf.Tensor2D> = { relu: tf.relu, tanh: tf.tanh };

/** The variables of one model on the current backend. */
export class Mlp {
  readonly variables: readonly tf.Variable[];
  readonly #layout: ModelLayout;

  constructor(layout: ModelLayout) {
    this.#layout = layout;
    this.variables = layout.tensors.map(({ shape }) => tf.tidy(() => tf.variable(tf.zeros([...shape]))));
  }

  /** Copies flat weights in; refuses MODEL_MISMATCH for another length. */
  setWeights(weights: Float32Array): void {
    const expected = this.#layout.parameterCount;
    const detail = `the weights are ${weights.length} numbers, the model has ${expected}`;
    refuseUnless(weights.length === expected, 'MODEL_MISMATCH', detail);
    this.#layout.tensors.forEach((tensor, i) =>
      tf.tidy(() => this.variables[i]!.assign(toTensor(tensor, weights))),
    );
  }

  /** A copy of the weights, flat. */
  weights(): Float32Array {
    const weights = new Float32Array(this.#layout.parameterCount);
    this.#layout.tensors.forEach(({ offset }, i) =>
      weights.set(this.variables[i]!.dataSync<'float32'>(), offset),
    );
    return weights;
  }

  /** Logits [rows] of the inputs [rows, width]. The caller tidies. */
  logits(inputs: tf.Tensor2D): tf.Tensor1D {
    const activate = ACTIVATIONS[this.#layout.activation];
    const layers = this.variables.length / 2;
    let values = inputs;
    for (let layer = 0; layer < layers; layer++) {
      const [kernel, bias] = [this.variables[2 * layer]!, this.variables[2 * layer + 1]!];
      const sums: tf.Tensor2D = tf.add(tf.matMul(values, kernel as tf.Tensor2D), bias);
      values = layer === layers - 1 ? sums : activate(sums);
    }
    return tf.squeeze(values, [1]);
  }

  dispose(): void {
    tf.dispose([...this.variables]);
  }
}

/** Mean binary cross-entropy of logits, each example times its weight: softplus(z) - y z, exact also at z = 0. */
export function crossEntropy(
  logits: tf.Tensor1D,
  labels: tf.Tensor1D,
  exampleWeights?: tf.Tensor1D,
): tf.Scalar {
  const losses = tf.sub(tf.softplus(logits), tf.mul(labels, logits));
  return tf.mean(exampleWeights === undefined ? losses : tf.mul(losses, exampleWeights));
}

// A copy, because some backends keep the array they are given and would see later writes to it.
function toTensor({ shape, size, offset }: TensorLayout, weights: Float32Array): tf.Tensor {
  return tf.tensor(weights.slice(offset, offset + size), [...shape], 'float32');
}
