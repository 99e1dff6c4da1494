// The model as the manifest names it, and the order of its parameters in every flat vector of weights (PROTOCOL.md section 6).
import { z } from 'zod';
import { toUint32Bytes, utf8, type Bytes } from './bytes.ts';
import { domainDigest, sha256 } from './digest.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { describeIssues } from './describe-issues.ts';

/** Units of one hidden layer. */
export const MAX_UNITS = 65536;
/** Dense layers, the output layer included. */
export const MAX_LAYERS = 16;
export const MAX_PARAMETERS = 100_000_000;

/** A multilayer perceptron for two classes: dense hidden layers, then one logit. No hidden layer is logistic regression. */
export const modelSpecFormat = z.strictObject({
  kind: z.literal('mlp'),
  hidden: z.array(z.int().min(1).max(MAX_UNITS)).max(MAX_LAYERS - 1),
  activation: z.enum(['relu', 'tanh']),
});

export type ModelSpec = z.output<typeof modelSpecFormat>;
export type Activation = ModelSpec['activation'];

export interface TensorLayout {
  readonly name: string;
  readonly shape: readonly number[];
  /** Product of the shape. */
  readonly size: number;
  /** Place of the first value in the flat vector. */
  readonly offset: number;
}

export interface ModelLayout {
  readonly inputWidth: number;
  readonly activation: Activation;
  /** dense_0/kernel [in, out], dense_0/bias [out], dense_1/kernel, ...; the last layer gives one logit. */
  readonly tensors: readonly TensorLayout[];
  readonly parameterCount: number;
}

/** Parses the model of a manifest; refuses MANIFEST_INVALID with the place of each mistake. */
export function parseModelSpec(value: unknown): ModelSpec {
  const parsed = modelSpecFormat.safeParse(value);
  if (!parsed.success) throw new Refusal('MANIFEST_INVALID', `model: ${describeIssues(parsed.error)}`);
  return parsed.data;
}

/** The ordered tensors of a model with `inputWidth` (1 and up) inputs; refuses MANIFEST_INVALID above 100 million parameters. */
export function createModelLayout(spec: ModelSpec, inputWidth: number): ModelLayout {
  const widths = [inputWidth, ...spec.hidden, 1];
  const tensors: TensorLayout[] = [];
  let offset = 0;
  const append = (name: string, shape: readonly number[]) => {
    const size = shape.reduce((product, length) => product * length, 1);
    tensors.push({ name, shape, size, offset });
    offset += size;
  };
  widths.slice(1).forEach((units, i) => {
    append(`dense_${i}/kernel`, [widths[i]!, units]);
    append(`dense_${i}/bias`, [units]);
  });
  refuseUnless(offset <= MAX_PARAMETERS, 'MANIFEST_INVALID', `model: more than ${MAX_PARAMETERS} parameters`);
  return { inputWidth, activation: spec.activation, tensors, parameterCount: offset };
}

/**
 * Initial weights, bit-identical on every machine: kernels are Glorot-uniform (Glorot and Bengio 2010) in
 * ±sqrt(6 / (in + out)), biases are zero. With K = SHA-256("blindsum/v1/initial-weights" ‖ seed), the stream of tensor i is
 * SHA-256(SHA-256(K ‖ i) ‖ block), eight big-endian words a block, of which the top 24 bits count. The seed is public.
 */
export function initialWeights(layout: ModelLayout, seed: string): Float32Array {
  const weights = new Float32Array(layout.parameterCount);
  const key = domainDigest('blindsum/v1/initial-weights', utf8(seed));
  layout.tensors.forEach((tensor, index) => {
    if (tensor.shape.length === 2) fillKernel(weights, tensor, sha256(key, toUint32Bytes(index)));
  });
  return weights;
}

const WORDS_PER_BLOCK = 8;

function fillKernel(weights: Float32Array, { shape, size, offset }: TensorLayout, key: Bytes): void {
  const limit = Math.sqrt(6 / (shape[0]! + shape[1]!));
  let block = toView(new Uint8Array(0));
  for (let i = 0; i < size; i++) {
    if (i % WORDS_PER_BLOCK === 0) block = toView(sha256(key, toUint32Bytes(i / WORDS_PER_BLOCK)));
    const top = block.getUint32(4 * (i % WORDS_PER_BLOCK)) >>> 8;
    // The middle of one of 2^24 equal intervals of (-1, 1): exact in float64, and never biased to one side.
    weights[offset + i] = ((2 * top + 1) / 2 ** 24 - 1) * limit;
  }
}

function toView(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
