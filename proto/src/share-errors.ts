// Which of some inconsistent shares are wrong: Reed-Solomon decoding of the shares as a codeword
// (S. Gao, "A new algorithm for decoding Reed-Solomon codes", 2003).
import { N } from './parameter-set.ts';
import { addField, invertField, multiplyField, subtractField } from './prime-field.ts';
import { createInterpolation, type SharePoint } from './share-interpolation.ts';

/** Coefficients from the constant upwards; no trailing zeros, so the length is the degree + 1. */
type Polynomial = readonly number[];

/**
 * The x of the wrong shares among `points` (sorted, distinct x), when at most floor((points.length - threshold)/2) are wrong
 * and the others lie on polynomials of degree < threshold; undefined when that many do not.
 */
export function locateWrongShares(points: readonly SharePoint[], threshold: number): number[] | undefined {
  const radius = Math.floor((points.length - threshold) / 2);
  const wrong = new Set<number>();
  for (;;) {
    const rest = points.filter((point) => !wrong.has(point.x));
    const column = inconsistentColumn(rest, threshold);
    if (column === undefined) return [...wrong].sort((a, b) => a - b);
    const found = wrongInColumn(points, column, threshold);
    for (const x of found ?? []) wrong.add(x);
    if (found === undefined || wrong.size > radius) return undefined;
  }
}

/** A coefficient at which the shares do not lie on one polynomial of degree < threshold. */
function inconsistentColumn(points: readonly SharePoint[], threshold: number): number | undefined {
  const valueAt = createInterpolation(points.slice(0, threshold));
  for (const { x, share } of points.slice(threshold)) {
    const expected = valueAt(x);
    for (let i = 0; i < N; i++) if (expected[i] !== share[i]) return i;
  }
  return undefined;
}

function wrongInColumn(
  points: readonly SharePoint[],
  column: number,
  threshold: number,
): number[] | undefined {
  const values = points.map(({ x, share }) => ({ x, y: share[column]! }));
  const { vanishing, interpolant } = interpolateColumn(values);
  const message = partialQuotient(vanishing, interpolant, (points.length + threshold) / 2);
  if (message === undefined || message.length > threshold) return undefined;
  return values.filter(({ x, y }) => evaluate(message, x) !== y).map(({ x }) => x);
}

/** Newton's interpolation: Π (X - x_i), and the polynomial of lower degree through all points. */
function interpolateColumn(points: readonly { x: number; y: number }[]): {
  vanishing: Polynomial;
  interpolant: Polynomial;
} {
  let vanishing: Polynomial = [1];
  let interpolant: Polynomial = [];
  for (const { x, y } of points) {
    const missing = subtractField(y, evaluate(interpolant, x));
    const factor = multiplyField(missing, invertField(evaluate(vanishing, x)));
    interpolant = subtract(interpolant, multiply(vanishing, [subtractField(0, factor)]));
    vanishing = multiply(vanishing, [subtractField(0, x), 1]);
  }
  return { vanishing, interpolant };
}

/** Euclid's algorithm stopped at a remainder of degree < `stop`; that remainder divided by its cofactor, if it divides. */
function partialQuotient(
  vanishing: Polynomial,
  interpolant: Polynomial,
  stop: number,
): Polynomial | undefined {
  let [previous, remainder]: Polynomial[] = [vanishing, interpolant];
  let [previousCofactor, cofactor]: Polynomial[] = [[], [1]];
  while (remainder!.length - 1 >= stop) {
    const division = divide(previous!, remainder!);
    [previous, remainder] = [remainder, division.remainder];
    [previousCofactor, cofactor] = [
      cofactor,
      subtract(previousCofactor!, multiply(division.quotient, cofactor!)),
    ];
  }
  const { quotient, remainder: rest } = divide(remainder!, cofactor!);
  return rest.length === 0 ? quotient : undefined;
}

function evaluate(polynomial: Polynomial, x: number): number {
  return polynomial.reduceRight((value, coefficient) => addField(multiplyField(value, x), coefficient), 0);
}

function multiply(a: Polynomial, b: Polynomial): Polynomial {
  const product = new Array<number>(Math.max(a.length + b.length - 1, 0)).fill(0);
  a.forEach((x, i) => b.forEach((y, j) => (product[i + j] = addField(product[i + j]!, multiplyField(x, y)))));
  return trim(product);
}

function subtract(a: Polynomial, b: Polynomial): Polynomial {
  return trim(
    Array.from({ length: Math.max(a.length, b.length) }, (_, i) => subtractField(a[i] ?? 0, b[i] ?? 0)),
  );
}

function divide(dividend: Polynomial, divisor: Polynomial): { quotient: Polynomial; remainder: Polynomial } {
  const remainder = [...dividend];
  const leading = invertField(divisor.at(-1)!);
  const quotient = new Array<number>(Math.max(dividend.length - divisor.length + 1, 0)).fill(0);
  for (let shift = quotient.length - 1; shift >= 0; shift--) {
    const factor = multiplyField(remainder[shift + divisor.length - 1]!, leading);
    quotient[shift] = factor;
    divisor.forEach(
      (value, i) =>
        (remainder[shift + i] = subtractField(remainder[shift + i]!, multiplyField(factor, value))),
    );
  }
  return { quotient: trim(quotient), remainder: trim(remainder) };
}

function trim(coefficients: number[]): Polynomial {
  return coefficients.slice(0, coefficients.findLastIndex((value) => value !== 0) + 1);
}
