// Sizes of trees and indexes of entries, as the C2SP texts spell them.
const MAX_SIZE = (1n << 64n) - 1n;

/** The number that a decimal without sign, leading zeros and exponent spells; undefined unless it is 0..2^64-1. */
export function toTreeSize(text: string): bigint | undefined {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text)) return undefined;
  const size = BigInt(text);
  return size <= MAX_SIZE ? size : undefined;
}
