// The modular kernel in plain BigInt arithmetic, as PROTOCOL.md section 3 writes it: the oracle of the compiled one.
import { Q } from '../parameter-set.ts';
import type { ModularKernel } from './modular-kernel.ts';
import { commonLength, requirePlainBits } from './operands.ts';

/** Same contract and same results as `createWasmKernel`, 50 times slower; operands may be any arrays. */
export function createPlainKernel(): ModularKernel {
  return {
    allocate: (length) => new BigUint64Array(length),
    addInto: (sum, term) => update(sum, [term], (value, [added]) => value + added!),
    firstOutOfRange: (values) => values.findIndex((value) => value >= Q),
    rebase: (c0, common, own, secret) =>
      update(c0, [common, own, secret], (value, [a, b, s]) => value - (a! - b!) * s!),
    phase: (sum, common, keySum) => update(sum, [common, keySum], (value, [a, s]) => value + a! * s!),
    dot: plainDot,
    openPhase: plainOpenPhase,
  };
}

type Step = (value: bigint, operands: readonly bigint[]) => bigint;

function update(target: BigUint64Array, operands: readonly BigUint64Array[], step: Step): void {
  const length = commonLength([target, ...operands]);
  for (let i = 0; i < length; i++) {
    const value = step(
      target[i]!,
      operands.map((operand) => operand[i]!),
    );
    target[i] = ((value % Q) + Q) % Q;
  }
}

function plainDot(x: BigUint64Array, y: BigUint64Array): bigint {
  const length = commonLength([x, y]);
  let sum = 0n;
  for (let i = 0; i < length; i++) sum += x[i]! * y[i]!;
  return sum % Q;
}

function plainOpenPhase(phases: BigUint64Array, out: BigUint64Array, plainBits: number): bigint {
  requirePlainBits(plainBits);
  const length = commonLength([phases, out]);
  let largest = 0n;
  for (let i = 0; i < length; i++) {
    const phase = phases[i]! > Q / 2n ? phases[i]! - Q : phases[i]!;
    const plain = BigInt.asUintN(plainBits, phase);
    const error = (phase - plain) >> BigInt(plainBits);
    const size = error < 0n ? -error : error;
    if (size > largest) largest = size;
    out[i] = plain;
  }
  return largest;
}
