// What both kernels demand of their operands.

/** The length all operands share; TypeError when they differ. */
export function commonLength(operands: readonly BigUint64Array[]): number {
  const length = operands[0]?.length ?? 0;
  if (operands.some((operand) => operand.length !== length)) throw new TypeError('operands differ in length');
  return length;
}

/** RangeError unless 1 <= plainBits <= 59. */
export function requirePlainBits(plainBits: number): void {
  if (!Number.isInteger(plainBits) || plainBits < 1 || plainBits > 59) {
    throw new RangeError(`plaintext width ${plainBits} is not in 1..59 bits`);
  }
}
