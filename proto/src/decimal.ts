// Decimal numbers as text, for the manifest: canonical JSON has only integers. One value has one spelling.
import { z } from 'zod';

const DECIMAL = /^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$/;
const MAX_DECIMAL_LENGTH = 20;

/** A decimal in its only spelling: no exponent, no leading or trailing zero, no "-0"; at most 20 characters. */
export const decimalSchema = z
  .string()
  .max(MAX_DECIMAL_LENGTH, 'a decimal has at most 20 characters')
  .refine((text) => isDecimal(text), 'expected a decimal number such as "0.05"');

export type Decimal = z.output<typeof decimalSchema>;

/** True for the only spelling of a decimal number; see decimalSchema. */
export function isDecimal(text: string): boolean {
  return text.length <= MAX_DECIMAL_LENGTH && text !== '-0' && DECIMAL.test(text);
}

/** The float64 nearest to the decimal: exact rounding, because 20 digits are within what ECMAScript rounds exactly. */
export function toNumber(decimal: Decimal): number {
  if (!isDecimal(decimal)) throw new RangeError('not a decimal in canonical spelling');
  return Number(decimal);
}

/** The spelling of a finite number (as configuration gives it) or undefined if 20 characters cannot hold it. */
export function encodeDecimal(value: number): Decimal | undefined {
  if (!Number.isFinite(value)) return undefined;
  const text = withoutExponent(String(value === 0 ? 0 : value));
  return isDecimal(text) ? text : undefined;
}

/** Number's own shortest spelling, with "1.5e-7" written out as "0.00000015". */
function withoutExponent(text: string): string {
  const [mantissa = '', exponent] = text.split('e');
  if (exponent === undefined) return text;
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const shift = Number(exponent);
  const sign = mantissa.startsWith('-') ? '-' : '';
  if (shift > 0) return sign + whole + fraction.padEnd(shift, '0');
  return `${sign}0.${'0'.repeat(-shift - 1)}${whole}${fraction}`;
}
