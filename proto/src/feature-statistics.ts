// Federated statistics: the sites sum counts, means and squares of each numeric feature under encryption, and normalise by
// them, because no site may see another's rows (PROTOCOL.md section 6, the header). Only + - * / and sqrt are used, which
// IEEE 754 rounds exactly, so every site computes the same mean and deviation.
import { numberFeatures, type DataSchema, type NumberFeature } from './data-schema.ts';
import { toNumber } from './decimal.ts';
import { refuseUnless } from './refusal.ts';

/** Finest fixed point of a feature's value within its declared range. */
export const MAX_FRACTION_BITS = 24;
/** Coarsest that still gives a usable deviation: 1/256 of the declared range. */
export const MIN_FRACTION_BITS = 16;

export interface FeatureStatistics {
  /** Of each numeric feature in the schema's order, in units of its declared range: 0 is `min`, 1 is `max`. */
  readonly mean: Float64Array;
  /** Population standard deviation in the same units; 1 for a constant feature. */
  readonly deviation: Float64Array;
  /** True where all rows of all sites agree to within the fixed point: such a feature is normalised to 0. */
  readonly isConstant: readonly boolean[];
  readonly examples: number;
}

/** Rows of the numeric features in the schema's order, row-major, in the units of the file. */
export interface NumberRows {
  readonly rows: number;
  readonly numbers: Float64Array;
}

export interface StatisticsSums {
  /** [examples, then Σu and Σu² of each numeric feature], fixed point, all non-negative. */
  readonly integers: number[];
  /** How many values of each numeric feature lay outside its declared range and were clamped. */
  readonly outOfRange: number[];
}

export interface StatisticsBounds {
  /** Roster size. */
  readonly sites: number;
  /** Largest number of examples one site may count. */
  readonly maxExamples: number;
  /** log2 of the plaintext modulus of a header integer. */
  readonly plainBits: number;
}

/** What the header integers of the statistics round are, in order: the examples, then two sums for each numeric feature. */
export function statisticsFields(schema: DataSchema): string[] {
  const sums = numberFeatures(schema).flatMap(({ column }) => [`sum of ${column}`, `squares of ${column}`]);
  return ['examples', ...sums];
}

/**
 * Fraction bits S of the statistics: the largest S <= 24 with maxExamples * 2^S * sites < 2^plainBits, so that no sum
 * overflows. Refuses MANIFEST_INVALID when fewer than 16 bits are left.
 */
export function statisticsBits({ sites, maxExamples, plainBits }: StatisticsBounds): number {
  const largest = BigInt(maxExamples) * BigInt(sites);
  // Sums are also held as float64, exact below 2^53.
  const limit = 1n << BigInt(Math.min(plainBits, 53));
  let bits = MAX_FRACTION_BITS;
  while (bits > 0 && largest << BigInt(bits) >= limit) bits--;
  refuseUnless(bits >= MIN_FRACTION_BITS, 'MANIFEST_INVALID', 'maxExamples: too large for this many sites');
  return bits;
}

/** Place of a value within the declared range, clamped into [0, 1]. */
export function toUnitInterval(value: number, min: number, max: number): number {
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}

/**
 * One site's sums. Each value is rounded to `fractionBits` (S) within its declared range; the squares are rounded once for
 * the whole site, so a constant feature shows a variance below 2^-S. Values out of range are clamped and counted.
 */
export function encodeStatistics(schema: DataSchema, data: NumberRows, fractionBits: number): StatisticsSums {
  const sums = numberFeatures(schema).map((feature, j) => sumColumn(feature, j, data, 2 ** fractionBits));
  return {
    integers: [data.rows, ...sums.flatMap((sum) => [sum.values, sum.squares])],
    outOfRange: sums.map((sum) => sum.outOfRange),
  };
}

/**
 * Mean and deviation from the opened sums of all sites, bit-identical on every machine. A feature whose variance is at most
 * 2^-S (a spread under 1/4096 of the declared range at 24 bits) counts as constant. Refuses MALFORMED sums that no rows have.
 */
export function statisticsFromSums(
  schema: DataSchema,
  integers: readonly number[],
  fractionBits: number,
): FeatureStatistics {
  const features = numberFeatures(schema);
  const [examples = 0] = integers;
  refuseUnless(integers.length === 1 + 2 * features.length, 'MALFORMED', 'statistics: wrong number of sums');
  refuseUnless(Number.isSafeInteger(examples) && examples > 0, 'MALFORMED', 'statistics: no examples');
  const unit = examples * 2 ** fractionBits;
  const moments = features.map(({ column }, j) => {
    const [values = -1, squares = -1] = integers.slice(1 + 2 * j, 3 + 2 * j);
    refuseUnless(
      isSumOf(values, unit) && isSumOf(squares, unit),
      'MALFORMED',
      `statistics: sums of ${column}`,
    );
    const mean = values / unit;
    return { mean, variance: squares / unit - mean * mean };
  });
  const isConstant = moments.map(({ variance }) => variance <= 2 ** -fractionBits);
  return {
    mean: Float64Array.from(moments, ({ mean }) => mean),
    deviation: Float64Array.from(moments, ({ variance }, j) => (isConstant[j] ? 1 : Math.sqrt(variance))),
    isConstant,
    examples,
  };
}

interface ColumnSums {
  values: number;
  squares: number;
  outOfRange: number;
}

function sumColumn(feature: NumberFeature, column: number, data: NumberRows, unit: number): ColumnSums {
  const [min, max] = [toNumber(feature.min), toNumber(feature.max)];
  const stride = data.numbers.length / data.rows;
  const sums = { values: 0, squares: 0, outOfRange: 0 };
  for (let at = column; at < data.numbers.length; at += stride) {
    const value = data.numbers[at]!;
    const fixed = Math.round(toUnitInterval(value, min, max) * unit);
    sums.values += fixed;
    sums.squares += fixed * fixed;
    if (value < min || value > max) sums.outOfRange++;
  }
  sums.squares = Math.round(sums.squares / unit);
  return sums;
}

function isSumOf(sum: number, largest: number): boolean {
  return Number.isSafeInteger(sum) && sum >= 0 && sum <= largest;
}
