// "Ciphertexts" of the simulation: they have the size, the parts and the roots of real ones, and hold their plaintext in the
// clear, so that whoever looks at a sum sees how often each site is in it.
import { encodePart, N, Q, sha256, toHex, utf8, type Digest } from '@blindsum/proto';

/** Coefficients by their place: one for each site, the key, then header and values. */
const KEY_PLACE = 15;
const FIRST_VALUE = 16;

export interface PlainContribution {
  /** Roster index, 1..n. */
  readonly site: number;
  /** Differs for every encryption: two of one payload are told apart, and only the sum of the right keys opens a sum. */
  readonly key: number;
  readonly header: readonly number[];
  readonly values: ArrayLike<number>;
}

export interface PlainSum {
  /** How often each site is in the sum, in roster order, and zeros for members that the roster does not have: 1 is right, 2 proves double counting. */
  readonly counts: readonly number[];
  readonly key: number;
  /** Everything after the key. */
  readonly values: readonly number[];
}

export function encodeContribution(
  chunks: number,
  contribution: PlainContribution,
): BigUint64Array<ArrayBuffer> {
  const { site, key, header, values } = contribution;
  const coefficients = new BigUint64Array(chunks * N);
  coefficients[site - 1] = 1n;
  coefficients[KEY_PLACE] = BigInt(key);
  const all = [...header, ...Array.from(values)];
  if (FIRST_VALUE + all.length > coefficients.length) throw new Error('the simulated model is too large');
  all.forEach((value, i) => (coefficients[FIRST_VALUE + i] = BigInt(value)));
  return coefficients;
}

export function decodeSum(coefficients: BigUint64Array, sites: number): PlainSum {
  const numbers = Array.from(coefficients, Number);
  return {
    counts: numbers.slice(0, Math.min(sites, KEY_PLACE)),
    key: numbers[KEY_PLACE]!,
    values: numbers.slice(FIRST_VALUE),
  };
}

/** Adds `term` to `sum`. */
export function addInto(sum: BigUint64Array, term: BigUint64Array): void {
  for (let i = 0; i < sum.length; i++) if (term[i] !== 0n) sum[i] = (sum[i]! + term[i]!) % Q;
}

export interface ChecksumSubject {
  readonly context: Digest;
  readonly setRoot: Digest;
  readonly sumRoot: Digest;
}

/** A linear form of the first coefficients for each repetition, as 16 hexadecimal digits. */
export function checksumOf(subject: ChecksumSubject, coefficients: BigUint64Array): [string, string] {
  const value = (repetition: number) => {
    const weights = weightsOf(subject, repetition);
    const sum = weights.reduce((total, weight, i) => (total + weight * coefficients[i]!) % Q, 0n);
    return sum.toString(16).padStart(16, '0');
  };
  return [value(0), value(1)];
}

const cache = new Map<string, readonly bigint[]>();

function weightsOf({ context, setRoot, sumRoot }: ChecksumSubject, repetition: number): readonly bigint[] {
  const name = `${context} ${setRoot} ${sumRoot} ${repetition}`;
  const found =
    cache.get(name) ??
    Array.from({ length: FIRST_VALUE }, (_, i) => BigInt(`0x${toHex(sha256(utf8(`${name} ${i}`)))}`) % Q);
  if (cache.size > 10_000) cache.clear();
  cache.set(name, found);
  return found;
}

export function bytesOf(coefficients: BigUint64Array) {
  return encodePart(coefficients);
}
