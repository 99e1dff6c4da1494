// One site's local training with TensorFlow.js: its own loop, because model.fit can neither be seeded nor add a proximal
// term. It blocks its thread; worker-trainer.ts runs it in a worker.
import * as tf from '@tensorflow/tfjs-core';
import { Refusal, refuseUnless, summariseLogits, type EvaluationSums } from '@blindsum/proto';
import type { Dataset } from '../data/normalise.ts';
import { SeededRandom } from '../data/seeded-random.ts';
import { openBackend } from './backend.ts';
import { refuseBeyondMemory } from './memory-estimate.ts';
import { crossEntropy, Mlp } from './mlp.ts';
import type {
  BackendInfo,
  Optimizer,
  TrainerSetup,
  TrainProgress,
  TrainRequest,
  TrainResult,
} from './trainer.ts';

/** A request without what cannot cross a thread's border. */
export type LocalTrainRequest = Omit<TrainRequest, 'signal' | 'onProgress'>;

export interface TrainHooks {
  readonly onProgress: (progress: TrainProgress) => void;
  /** Asked before every batch. */
  readonly isCancelled: () => boolean;
}

/** Thrown when isCancelled answers true; the weights of the trainer are then of no use. */
export class TrainingCancelled extends Error {
  override readonly name = 'TrainingCancelled';
}

const EVALUATION_BATCH = 1024;

/** Trains and evaluates on the backend of this thread; see Trainer for the contracts of its methods. */
export class TfjsTrainer {
  readonly info: BackendInfo;
  readonly #setup: TrainerSetup;
  readonly #model: Mlp;

  private constructor(setup: TrainerSetup, info: BackendInfo) {
    this.info = info;
    this.#setup = setup;
    this.#model = new Mlp(setup.layout);
  }

  /** Starts the backend; refuses CONFIG_INVALID when it is not there, MODEL_MISMATCH when data and model do not fit. */
  static async open(setup: TrainerSetup): Promise<TfjsTrainer> {
    for (const { width } of [setup.training, setup.holdout]) {
      const detail = `the data has ${width} inputs, the model ${setup.layout.inputWidth}`;
      refuseUnless(width === setup.layout.inputWidth, 'MODEL_MISMATCH', detail);
    }
    return new TfjsTrainer(setup, await openBackend(setup.backend));
  }

  train(request: LocalTrainRequest, hooks: TrainHooks): TrainResult {
    const { layout, training } = this.#setup;
    refuseBeyondMemory(layout, request, this.info.backend);
    this.#model.setWeights(request.weights);
    const run = new LocalRun(this.#model, training, request);
    try {
      const lossPerEpoch = run.epochs(hooks);
      const local = this.#model.weights();
      refuseDiverged(local);
      return { local, examples: training.rows, steps: run.steps, lossPerEpoch, backend: this.info.backend };
    } finally {
      run.dispose();
    }
  }

  evaluate(weights: Float32Array, bins: number): EvaluationSums {
    return summariseLogits(this.predict(weights), this.#setup.holdout.y, bins);
  }

  predict(weights: Float32Array): Float32Array {
    this.#model.setWeights(weights);
    const { holdout } = this.#setup;
    const logits = new Float32Array(holdout.rows);
    for (let from = 0; from < holdout.rows; from += EVALUATION_BATCH) {
      const batch = holdout.x.slice(from * holdout.width, (from + EVALUATION_BATCH) * holdout.width);
      tf.tidy(() => {
        const inputs = tf.tensor2d(batch, [batch.length / holdout.width, holdout.width]);
        logits.set(this.#model.logits(inputs).dataSync<'float32'>(), from);
      });
    }
    return logits;
  }

  dispose(): void {
    this.#model.dispose();
  }
}

/** The epochs of one call of train: optimizer, anchor of the proximal term and order of the rows live as long as it. */
class LocalRun {
  steps = 0;
  readonly #model: Mlp;
  readonly #data: Dataset;
  readonly #request: LocalTrainRequest;
  readonly #optimizer: tf.Optimizer;
  readonly #anchor: readonly tf.Tensor[] | undefined;
  readonly #random: SeededRandom;
  readonly #order: Uint32Array;

  constructor(model: Mlp, data: Dataset, request: LocalTrainRequest) {
    this.#model = model;
    this.#data = data;
    this.#request = request;
    this.#optimizer = createOptimizer(request.optimizer);
    this.#anchor = request.proximalMu ? model.variables.map((variable) => tf.clone(variable)) : undefined;
    this.#random = new SeededRandom(request.seed);
    this.#order = Uint32Array.from({ length: data.rows }, (_, row) => row);
  }

  /** Mean loss of each epoch. */
  epochs({ onProgress, isCancelled }: TrainHooks): number[] {
    const { epochs } = this.#request;
    return Array.from({ length: epochs }, (_, i) => {
      const loss = this.#epoch(isCancelled);
      onProgress({ epoch: i + 1, epochs, steps: this.steps, loss });
      return loss;
    });
  }

  dispose(): void {
    this.#optimizer.dispose();
    // MomentumOptimizer.dispose forgets the scalar that it inherits. (instanceof says yes for any optimizer.)
    if (this.#request.optimizer.kind === 'momentum') tf.SGDOptimizer.prototype.dispose.call(this.#optimizer);
    if (this.#anchor !== undefined) tf.dispose([...this.#anchor]);
  }

  #epoch(isCancelled: () => boolean): number {
    this.#random.shuffle(this.#order);
    const { batchSize } = this.#request;
    let total = 0;
    for (let from = 0; from < this.#order.length; from += batchSize) {
      if (isCancelled()) throw new TrainingCancelled('the training was cancelled');
      const rows = this.#order.subarray(from, from + batchSize);
      total += this.#step(rows) * rows.length;
      this.steps++;
    }
    return total / this.#order.length;
  }

  /** One batch; returns its mean loss. */
  #step(rows: Uint32Array): number {
    return tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => this.#loss(rows), [...this.#model.variables]);
      this.#addProximalTerm(grads);
      this.#optimizer.applyGradients(grads);
      return value.dataSync<'float32'>()[0]!;
    });
  }

  #loss(rows: Uint32Array): tf.Scalar {
    const { width } = this.#data;
    const labels = Float32Array.from(rows, (row) => this.#data.y[row]!);
    const inputs = tf.tensor2d(gatherRows(this.#data, rows), [rows.length, width]);
    return crossEntropy(this.#model.logits(inputs), tf.tensor1d(labels), this.#exampleWeights(labels));
  }

  #exampleWeights(labels: Float32Array): tf.Tensor1D | undefined {
    const weights = this.#request.classWeights;
    if (weights === undefined) return undefined;
    return tf.tensor1d(labels.map((label) => (label === 1 ? weights.positive : weights.negative)));
  }

  /** The gradient of mu/2 |w - global|^2 is mu (w - global). */
  #addProximalTerm(grads: tf.NamedTensorMap): void {
    const mu = this.#request.proximalMu ?? 0;
    this.#anchor?.forEach((anchor, i) => {
      const variable = this.#model.variables[i]!;
      grads[variable.name] = tf.add(grads[variable.name]!, tf.mul(mu, tf.sub(variable, anchor)));
    });
  }
}

function createOptimizer({ kind, learningRate }: Optimizer): tf.Optimizer {
  switch (kind) {
    case 'sgd':
      return tf.train.sgd(learningRate);
    case 'momentum':
      return tf.train.momentum(learningRate, 0.9);
    case 'adam':
      return tf.train.adam(learningRate);
  }
}

function gatherRows({ x, width }: Dataset, rows: Uint32Array): Float32Array {
  const gathered = new Float32Array(rows.length * width);
  rows.forEach((row, i) => gathered.set(x.subarray(row * width, (row + 1) * width), i * width));
  return gathered;
}

function refuseDiverged(weights: Float32Array): void {
  if (weights.every((value) => Number.isFinite(value))) return;
  throw new Refusal(
    'MANIFEST_INVALID',
    'the training diverged: some weights are not finite; lower the learning rate',
  );
}
