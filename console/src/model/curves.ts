// Curves over the rounds: losses and metrics that were opened and recorded. Each measure is a line; rounds without it have a gap.
import type { CurvePoint } from './documents.ts';

export interface Curve {
  readonly measure: string;
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

const LABELS: Readonly<Record<string, string>> = {
  trainLoss: 'Training loss',
  loss: 'Validation loss',
  validationLoss: 'Validation loss',
  accuracy: 'Accuracy',
  auc: 'AUC',
};
/** Known, and no measure of how good the model is. */
const OTHER: ReadonlySet<string> = new Set([
  ...['round', 'kind', 'publishedMs', 'examples', 'attempt', 'contributors', 'clipped', 'evaluated'],
]);

export function measureLabel(measure: string): string {
  return LABELS[measure] ?? measure.replace(/([A-Z])/g, ' $1').replace(/^./, (first) => first.toUpperCase());
}

/** Losses and other measures apart: they have scales of their own. Groups without a value are left out. */
export function toCurveGroups(points: readonly CurvePoint[]): CurveGroup[] {
  const flat = points.map(withInner);
  const measures = [
    ...new Set(flat.flatMap((point) => Object.keys(point).filter((key) => isMeasure(key, point)))),
  ];
  const rounds = flat.map(({ round }) => round);
  const toCurve = (measure: string): Curve => {
    const values = flat.map((point) => toValue(point[measure]));
    const last = values.findLast((value) => value !== null) ?? null;
    return { measure, label: measureLabel(measure), values, last };
  };
  const isLoss = (measure: string) => /loss/i.test(measure);
  return [
    { title: 'Loss', rounds, curves: measures.filter(isLoss).map(toCurve) },
    { title: 'Metrics', rounds, curves: measures.filter((measure) => !isLoss(measure)).map(toCurve) },
  ].filter(({ curves }) => curves.length > 0);
}

/** Measures may stand in the point, or in objects of it such as `validation`. */
function withInner(point: CurvePoint): CurvePoint {
  const inner = Object.entries(point).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(
          ([key, one]) => [isTaken(point, key) ? `${name} ${key}` : key, one] as const,
        )
      : [],
  );
  return { ...Object.fromEntries(inner), ...point };
}

function isTaken(point: CurvePoint, key: string): boolean {
  return Object.hasOwn(point, key);
}

function isMeasure(key: string, point: CurvePoint): boolean {
  return !OTHER.has(key) && toValue(point[key]) !== null;
}

function toValue(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A measure with as many digits as say something. */
export function toMeasure(value: number | null): string {
  if (value === null) return '–';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
