// What a site needs from a machine-learning framework: the port behind which TensorFlow.js (or a subprocess) trains.
import type { EvaluationSums, ModelLayout } from '@blindsum/proto';
import type { Dataset } from '../data/normalise.ts';

/** Trains and evaluates one model on one site's rows. Calls are served one after another. */
export interface Trainer {
  info(): BackendInfo;
  /**
   * Starts from `request.weights` and returns the local weights; the trainer keeps nothing between rounds. The same seed on
   * the same backend gives the same weights (native: with the same number of threads). Refuses MODEL_MISMATCH for weights
   * of another length, MANIFEST_INVALID when the training diverges; rejects with the signal's reason when it aborts.
   */
  train(request: TrainRequest): Promise<TrainResult>;
  /** Summable evaluation on the held-out rows, with `bins` histogram bins; `weights` in the layout's order. */
  evaluate(weights: Float32Array, bins: number): Promise<EvaluationSums>;
  /** Logits of the held-out rows, in their order: for exact reports that stay at the site. */
  predict(weights: Float32Array): Promise<Float32Array>;
  /** Ends the trainer and frees its memory; pending calls reject. */
  close(): Promise<void>;
}

/** What a trainer is opened with. */
export interface TrainerSetup {
  readonly layout: ModelLayout;
  readonly training: Dataset;
  readonly holdout: Dataset;
  readonly backend: BackendChoice;
}

export const BACKEND_CHOICES = ['auto', 'gpu', 'node', 'wasm', 'cpu'] as const;

/** What a site asks for; `auto` takes the first that works, in this order: gpu, node, wasm, cpu. */
export type BackendChoice = (typeof BACKEND_CHOICES)[number];

/** What a site got; `tried` names what was not available, and why. */
export interface BackendInfo {
  readonly backend: 'native-gpu' | 'native-cpu' | 'wasm' | 'cpu';
  readonly package: string;
  /** Of TensorFlow.js, and of libtensorflow when it is native. */
  readonly version: string;
  readonly tried: readonly { readonly backend: string; readonly why: string }[];
}

export interface Optimizer {
  /** Momentum is 0.9. The optimizer starts afresh in each call. */
  readonly kind: 'sgd' | 'momentum' | 'adam';
  readonly learningRate: number;
}

export interface TrainRequest {
  /** Global weights, flat, in the layout's order. */
  readonly weights: Float32Array;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  /** Decides the order of the rows; counts modulo 2^32. */
  readonly seed: number;
  /** FedProx (Li et al. 2020): adds mu/2 |w - global|^2 to the loss. */
  readonly proximalMu?: number;
  /** Weight of the loss of an example by its class. */
  readonly classWeights?: { readonly positive: number; readonly negative: number };
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainProgress) => void;
}

export interface TrainProgress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Batches done, over all epochs. */
  readonly steps: number;
  /** Mean loss of the epoch. */
  readonly loss: number;
}

export interface TrainResult {
  /** Local weights, flat, in the layout's order; all finite. */
  readonly local: Float32Array;
  /** Rows trained on: the weight of this update in the average. */
  readonly examples: number;
  readonly steps: number;
  /** Mean loss of each epoch, without the proximal term. */
  readonly lossPerEpoch: readonly number[];
  readonly backend: BackendInfo['backend'];
}
