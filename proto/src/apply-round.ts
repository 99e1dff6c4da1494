// From an opened sum to the next global model (PROTOCOL.md section 6). Every site runs this on the same integers and gets the
// same bits: whole numbers, float64 with + - * / and sqrt in a fixed order, and one rounding to float32.
import type { GlobalModel } from './global-model.ts';
import { statisticsBits, statisticsFromSums } from './feature-statistics.ts';
import { manifestLayout, type Manifest } from './manifest.ts';
import { parseEvaluation, toEvaluation } from './metrics.ts';
import type { TensorLayout } from './model-layout.ts';
import { plainBits } from './parameter-set.ts';
import { payloadLayout } from './payload-layout.ts';
import { applySums, nextRangeExponent } from './quantization.ts';
import { refuseUnless } from './refusal.ts';
import type { RoundKind } from './round-terms.ts';

export interface OpenedSum {
  /** Summed header integers, in the order of payloadLayout's headerFields. */
  readonly header: readonly number[];
  /** Summed packed values, one for each parameter; empty unless the round trains. */
  readonly values: Uint32Array | Float64Array;
  /** |U| */
  readonly contributors: number;
}

export interface RoundTask {
  readonly manifest: Manifest;
  readonly kind: RoundKind;
  /** The model the round started from. */
  readonly base: GlobalModel;
}

export interface RoundResult {
  readonly model: GlobalModel;
  /** Whole numbers over all contributors: what sites attest with the model. Shares are in millionths. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Applies an opened sum; refuses MALFORMED integers that no honest contributors can give. */
export function applyRound(task: RoundTask, opened: OpenedSum): RoundResult {
  const layout = payloadLayout(task.manifest, task.kind);
  const isComplete =
    opened.header.length === layout.headerFields.length && opened.values.length === layout.values;
  refuseUnless(isComplete, 'MALFORMED', 'the opened sum does not have the layout of its round');
  switch (task.kind) {
    case 'statistics':
      return applyStatistics(task, opened);
    case 'training':
      return applyTraining(task, opened);
    case 'evaluation':
      return { model: task.base, metrics: evaluationMetrics(opened.header, task.manifest) };
  }
}

function applyStatistics({ manifest, base }: RoundTask, { header }: OpenedSum): RoundResult {
  const { capacity: sites } = manifest.contributors;
  const bits = statisticsBits({
    sites,
    maxExamples: manifest.strategy.maxExamples,
    plainBits: plainBits(sites),
  });
  const { mean, deviation, examples } = statisticsFromSums(manifest.data, header.slice(0, -1), bits);
  return { model: { ...base, mean, deviation }, metrics: { examples, outOfRange: header.at(-1) ?? 0 } };
}

function applyTraining(
  { manifest, base }: RoundTask,
  { header, values, contributors }: OpenedSum,
): RoundResult {
  const { tensors, parameterCount } = manifestLayout(manifest);
  const [examples = 0] = header;
  const clipped = header.slice(1, 1 + tensors.length);
  refuseUnless(examples > 0, 'MALFORMED', 'training: no examples');
  const { strategy, encoding } = manifest;
  const weightSum = strategy.weighting === 'examples' ? examples / strategy.maxExamples : contributors;
  const weights = Float32Array.from(base.weights);
  const rangeExponents = Int8Array.from(base.rangeExponents);
  tensors.forEach((tensor, i) => {
    const rangeExponent = base.rangeExponents[i] ?? 0;
    const sums = { values: tensorValues(values, tensor), contributors, bits: encoding.bits, rangeExponent };
    const largest = applySums(weights.subarray(tensor.offset, tensor.offset + tensor.size), sums, weightSum);
    const clippedShare = (clipped[i] ?? 0) / (tensor.size * contributors);
    rangeExponents[i] = nextRangeExponent({ rangeExponent, largest, contributors, clippedShare });
  });
  const clippedMillionths = toMillionths(
    clipped.reduce((sum, count) => sum + count, 0) / (parameterCount * contributors),
  );
  return {
    model: { ...base, weights, rangeExponents },
    metrics: {
      examples,
      clippedMillionths,
      ...evaluationMetrics(header.slice(1 + tensors.length), manifest),
    },
  };
}

function evaluationMetrics(
  integers: readonly number[],
  { evaluationBins }: Manifest,
): Record<string, number> {
  const sums = parseEvaluation(integers, evaluationBins);
  if (sums.examples === 0) return { evaluated: 0 };
  const { loss, accuracy, auc } = toEvaluation(sums);
  return {
    evaluated: sums.examples,
    correct: sums.correct,
    lossMillionths: toMillionths(loss),
    accuracyMillionths: toMillionths(accuracy),
    ...(auc === undefined ? {} : { aucMillionths: toMillionths(auc) }),
  };
}

function tensorValues(
  values: Uint32Array | Float64Array,
  { offset, size }: TensorLayout,
): Uint32Array | Float64Array {
  return values.subarray(offset, offset + size);
}

function toMillionths(share: number): number {
  return Math.round(share * 1e6);
}
