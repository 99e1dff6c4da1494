// Lagrange interpolation over F_p of N polynomials at once, from shares at distinct points (PROTOCOL.md section 4).
import { N, P } from './parameter-set.ts';
import { invertField, multiplyField, subtractField } from './prime-field.ts';

/** The values of N polynomials at `x`. */
export interface SharePoint {
  /** 1..MAX_SITES, the index of the site. */
  readonly x: number;
  /** N field elements. */
  readonly share: Uint16Array;
}

/** A function that gives the values, at any x in 0..P-1, of the N polynomials of degree < points.length through `points`. */
export function createInterpolation(points: readonly SharePoint[]): (x: number) => Uint16Array {
  const xs = points.map((point) => point.x);
  const inverses = xs.map((x, i) => invertField(productOfDifferences(x, xs, i)));
  return (x) => {
    const sums = new Float64Array(N);
    for (const [i, point] of points.entries()) {
      addMultiple(sums, point.share, multiplyField(productOfDifferences(x, xs, i), inverses[i]!));
    }
    return Uint16Array.from(sums, (sum) => sum % P);
  };
}

/** Π (x - x_j) over all j except `skipped`. */
function productOfDifferences(x: number, xs: readonly number[], skipped: number): number {
  let product = 1;
  for (const [j, other] of xs.entries())
    if (j !== skipped) product = multiplyField(product, subtractField(x, other));
  return product;
}

/** Exact without reduction: products are < 2^32 and there are at most MAX_SITES of them. */
function addMultiple(sums: Float64Array, share: Uint16Array, factor: number): void {
  for (let i = 0; i < N; i++) sums[i] = sums[i]! + factor * share[i]!;
}
