// Curves over the rounds: losses and metrics that were opened and recorded. Each measure is a line; rounds without it have a gap.
import type { CurvePoint } from './documents.ts';

type Measure = 'loss' | 'accuracy' | 'auc';

export interface Curve {
  readonly measure: Measure;
  readonly label: string;
  /** One for each round of `rounds`; null where there is none. */
  readonly values: readonly (number | null)[];
  readonly last: number | null;
}

export interface CurveGroup {
  readonly title: string;
  readonly rounds: readonly number[];
  readonly curves: readonly Curve[];
}

const LABELS: Readonly<Record<Measure, string>> = {
  loss: 'Validation loss',
  accuracy: 'Accuracy',
  auc: 'AUC',
};

/** Losses and other measures apart: they have scales of their own. */
const GROUPS: readonly (readonly [string, readonly Measure[]])[] = [
  ['Loss', ['loss']],
  ['Metrics', ['accuracy', 'auc']],
];

/** Intervals that an axis of rounds has at least: a single round would be a line's end without a line. */
const LEAST_INTERVALS = 4;

/** Ends of the axis: from the first round that has a value to the last. */
export function toRoundRange({
  rounds,
  curves,
}: Pick<CurveGroup, 'rounds' | 'curves'>): readonly [number, number] {
  const first = rounds.find((_, i) => curves.some(({ values }) => values[i] !== null)) ?? 0;
  return [first, Math.max(rounds.at(-1) ?? 0, first + LEAST_INTERVALS)];
}

/** Measures and groups without a value are left out. */
export function toCurveGroups(points: readonly CurvePoint[]): CurveGroup[] {
  const rounds = points.map(({ round }) => round);
  return GROUPS.map(([title, measures]) => {
    const curves = measures.map((measure) => toCurve(measure, points)).filter(({ last }) => last !== null);
    return { title, rounds, curves };
  }).filter(({ curves }) => curves.length > 0);
}

function toCurve(measure: Measure, points: readonly CurvePoint[]): Curve {
  const values = points.map((point) => point[measure]);
  const last = values.findLast((value) => value !== null) ?? null;
  return { measure, label: LABELS[measure], values, last };
}

/** A measure with as many digits as say something. */
export function toMeasure(value: number | null): string {
  if (value === null) return '–';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
