// What all sites hold between rounds: weights, the federation's feature statistics, and the ranges of the next update.
// Its hash is what sites attest and what the next round's context is bound to (PROTOCOL.md sections 3 and 5).
import { concat, toHex, toUint32Bytes, type Bytes } from './bytes.ts';
import { numberFeatures, type DataSchema } from './data-schema.ts';
import { domainDigest } from './digest.ts';
import type { Digest } from './identifiers.ts';
import { manifestLayout, type Manifest } from './manifest.ts';
import { initialWeights, type ModelSpec } from './model-layout.ts';
import { refuseUnless } from './refusal.ts';

export interface GlobalModel {
  /** Flat weights in the layout's order. */
  readonly weights: Float32Array;
  /** Mean and deviation of each numeric feature, in units of its declared range; 0 and 1 before the statistics round. */
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** Each tensor's weighted updates are quantised in ±2^exponent. */
  readonly rangeExponents: Int8Array;
}

/** The part of a manifest that determines the initial model. */
export interface InitialTerms {
  readonly data: DataSchema;
  readonly model: ModelSpec & { readonly seed: string };
  readonly encoding: { readonly initialRangeExponent: number };
}

/** The model before round 0, the same on every machine. */
export function createInitialModel(manifest: InitialTerms): GlobalModel {
  const layout = manifestLayout(manifest);
  const features = numberFeatures(manifest.data).length;
  return {
    weights: initialWeights(layout, manifest.model.seed),
    mean: new Float64Array(features),
    deviation: new Float64Array(features).fill(1),
    rangeExponents: new Int8Array(layout.tensors.length).fill(manifest.encoding.initialRangeExponent),
  };
}

/**
 * One spelling: "BSM1", three 32-bit big-endian counts (weights, features, tensors), then weights (float32), means,
 * deviations (float64), range exponents (int8), little-endian.
 */
export function encodeGlobalModel(model: GlobalModel): Bytes {
  const counts = [model.weights.length, model.mean.length, model.rangeExponents.length].map(toUint32Bytes);
  return concat(
    MAGIC,
    ...counts,
    ...[model.weights, model.mean, model.deviation, model.rangeExponents].map(toBytes),
  );
}

/** Length of an encoded model of this manifest. */
export function globalModelBytes(manifest: Manifest): number {
  const { weights, features, tensors } = createInitialModelShape(manifest);
  return HEADER_BYTES + weights * 4 + features * 16 + tensors;
}

/** Parses a model file; refuses MODEL_MISMATCH unless it has exactly the manifest's sizes and every number is finite. */
export function parseGlobalModel(bytes: Bytes, manifest: Manifest): GlobalModel {
  const expected = createInitialModelShape(manifest);
  const counts = [expected.weights, expected.features, expected.tensors].map(toUint32Bytes);
  const isHeader = toHex(bytes.subarray(0, HEADER_BYTES)) === toHex(concat(MAGIC, ...counts));
  refuseUnless(
    bytes.length === globalModelBytes(manifest) && isHeader,
    'MODEL_MISMATCH',
    `the model file does not have the manifest's ${expected.weights} parameters`,
  );
  // A copy, because a typed array needs an aligned start.
  const body = new Uint8Array(bytes.subarray(HEADER_BYTES)).buffer;
  const meanAt = expected.weights * 4;
  const model = {
    weights: new Float32Array(body, 0, expected.weights),
    mean: readFloat64(body, meanAt, expected.features),
    deviation: readFloat64(body, meanAt + expected.features * 8, expected.features),
    rangeExponents: new Int8Array(body, meanAt + expected.features * 16, expected.tensors),
  };
  refuseUnless(
    [model.weights, model.mean, model.deviation].every(isFiniteArray),
    'MODEL_MISMATCH',
    'the model file holds a number that is not finite',
  );
  return model;
}

/** SHA-256("blindsum/v1/model" ‖ encoding), in hexadecimal. */
export function globalModelHash(model: GlobalModel): Digest {
  return toHex(domainDigest('blindsum/v1/model', encodeGlobalModel(model))) as Digest;
}

const MAGIC = Uint8Array.of(0x42, 0x53, 0x4d, 0x31);
const HEADER_BYTES = 16;

function createInitialModelShape(manifest: Manifest): { weights: number; features: number; tensors: number } {
  const layout = manifestLayout(manifest);
  return {
    weights: layout.parameterCount,
    features: numberFeatures(manifest.data).length,
    tensors: layout.tensors.length,
  };
}

function toBytes(values: Float32Array | Float64Array | Int8Array): Bytes {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function readFloat64(buffer: ArrayBufferLike, offset: number, length: number): Float64Array {
  return new Float64Array(buffer.slice(offset, offset + length * 8));
}

function isFiniteArray(values: Float32Array | Float64Array): boolean {
  return values.every(Number.isFinite);
}
