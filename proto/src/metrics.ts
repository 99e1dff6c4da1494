// Evaluation in integers that can be summed across sites under encryption, and what they say once summed.
import { refuseUnless } from './refusal.ts';

/** Loss is summed in units of 2^-16. */
export const LOSS_FRACTION_BITS = 16;
/** The loss of one example is cut here, so that a model that diverged cannot overflow the sum. */
export const MAX_EXAMPLE_LOSS = 64;

/** One site's evaluation, or the sum of several: every number is a non-negative integer. */
export interface EvaluationSums {
  readonly examples: number;
  /** Summed binary cross-entropy (natural logarithm) in units of 2^-16. */
  readonly loss: number;
  readonly correct: number;
  /** Examples of the positive class by predicted probability, in equal bins of [0, 1]. */
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
}

/** What the sums of an evaluation say. */
export interface Evaluation {
  readonly examples: number;
  /** Mean binary cross-entropy. */
  readonly loss: number;
  readonly accuracy: number;
  /** Area under the ROC curve to within the bins; undefined when one class has no example. */
  readonly auc: number | undefined;
}

/** What the header integers of an evaluation are, in order; `bins` is the number of histogram bins (1 and up). */
export function evaluationFields(bins: number): string[] {
  const numbered = (name: string) => Array.from({ length: bins }, (_, i) => `${name} ${i}`);
  return ['examples', 'loss', 'correct', ...numbered('positives'), ...numbered('negatives')];
}

/** Largest value any header integer of an evaluation can take at one site: the summed loss. */
export function evaluationBound(maxExamples: number): number {
  return maxExamples * MAX_EXAMPLE_LOSS * 2 ** LOSS_FRACTION_BITS;
}

/** Counts one site's predictions. `logits` and `labels` (1 = positive) have one entry an example; NaN counts as the worst guess. */
export function summariseLogits(logits: Float32Array, labels: Uint8Array, bins: number): EvaluationSums {
  const histograms = [new Array<number>(bins).fill(0), new Array<number>(bins).fill(0)] as const;
  let [loss, correct] = [0, 0];
  logits.forEach((logit, i) => {
    const label = labels[i] === 1 ? 1 : 0;
    loss += exampleLoss(logit, label);
    if (label === 1 ? logit > 0 : logit <= 0) correct++;
    const bin = Math.min(bins - 1, Math.floor(toProbability(logit) * bins));
    histograms[label][bin]!++;
  });
  return {
    examples: logits.length,
    loss: Math.round(loss * 2 ** LOSS_FRACTION_BITS),
    correct,
    positives: histograms[1],
    negatives: histograms[0],
  };
}

/** The header integers in the order of evaluationFields. */
export function encodeEvaluation(sums: EvaluationSums): number[] {
  return [sums.examples, sums.loss, sums.correct, ...sums.positives, ...sums.negatives];
}

/** Parses header integers, of one site or summed; refuses MALFORMED what no evaluation can give. */
export function parseEvaluation(integers: readonly number[], bins: number): EvaluationSums {
  const isCounts = integers.every((value) => Number.isSafeInteger(value) && value >= 0);
  refuseUnless(isCounts && integers.length === 3 + 2 * bins, 'MALFORMED', 'evaluation: wrong number of sums');
  const [examples = 0, loss = 0, correct = 0] = integers;
  const counts = integers.slice(3);
  const counted = counts.reduce((sum, count) => sum + count, 0);
  refuseUnless(
    counted === examples && correct <= examples,
    'MALFORMED',
    'evaluation: the counts do not add up',
  );
  return { examples, loss, correct, positives: counts.slice(0, bins), negatives: counts.slice(bins) };
}

/** Means and rates of summed evaluations; `examples` must be positive. */
export function toEvaluation(sums: EvaluationSums): Evaluation {
  return {
    examples: sums.examples,
    loss: sums.loss / 2 ** LOSS_FRACTION_BITS / sums.examples,
    accuracy: accuracy(sums),
    auc: aucFromHistogram(sums.positives, sums.negatives),
  };
}

/** Share of examples whose predicted class is the label, 0..1. */
export function accuracy(sums: Pick<EvaluationSums, 'examples' | 'correct'>): number {
  return sums.correct / sums.examples;
}

/**
 * Area under the ROC curve from score histograms (lowest scores first): the probability that a positive example scores
 * above a negative one, a tie within one bin counting half. Undefined when one class has no example.
 */
export function aucFromHistogram(
  positives: readonly number[],
  negatives: readonly number[],
): number | undefined {
  let [below, wins, positiveCount] = [0, 0, 0];
  positives.forEach((count, bin) => {
    const ties = negatives[bin] ?? 0;
    wins += count * (below + ties / 2);
    below += ties;
    positiveCount += count;
  });
  return positiveCount === 0 || below === 0 ? undefined : wins / (positiveCount * below);
}

/** Exact area under the ROC curve (Mann-Whitney, ties half) of scores without NaN; undefined when one class has no example. */
export function aucFromScores(scores: Float32Array, labels: Uint8Array): number | undefined {
  const ranks = new Map<number, number>();
  for (const score of Float32Array.from(scores).sort()) if (!ranks.has(score)) ranks.set(score, ranks.size);
  const [positives, negatives] = [
    new Array<number>(ranks.size).fill(0),
    new Array<number>(ranks.size).fill(0),
  ];
  scores.forEach((score, i) => (labels[i] === 1 ? positives : negatives)[ranks.get(score)!]!++);
  return aucFromHistogram(positives, negatives);
}

/** The logistic function; NaN gives 0. */
export function toProbability(logit: number): number {
  return Number.isNaN(logit) ? 0 : 1 / (1 + Math.exp(-logit));
}

/** log(1 + e^z) - y z without overflow. */
function exampleLoss(logit: number, label: 0 | 1): number {
  const loss = Math.max(logit, 0) - label * logit + Math.log1p(Math.exp(-Math.abs(logit)));
  return loss <= MAX_EXAMPLE_LOSS ? loss : MAX_EXAMPLE_LOSS;
}
