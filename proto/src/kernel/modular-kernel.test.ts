import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Q } from '../parameter-set.ts';
import { createWasmKernel, type ModularKernel } from './modular-kernel.ts';
import { createPlainKernel } from './plain-kernel.ts';

const EDGES = [0n, 1n, 2n, (1n << 30n) - 1n, 1n << 30n, 1n << 46n, Q / 2n, Q / 2n + 1n, Q - 2n, Q - 1n];
const coefficient = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: 0n, max: Q - 1n }));
/** One row holds one coefficient of each of four operands. */
type Row = readonly [bigint, bigint, bigint, bigint];
type Operands = [BigUint64Array, BigUint64Array, BigUint64Array, BigUint64Array];
type Operation = (kernel: ModularKernel, operands: Operands) => unknown;
const rows: fc.Arbitrary<Row[]> = fc.array(fc.tuple(coefficient, coefficient, coefficient, coefficient), {
  maxLength: 40,
});

function buffer(kernel: ModularKernel, values: readonly bigint[]): BigUint64Array {
  const allocated = kernel.allocate(values.length);
  allocated.set(values);
  return allocated;
}

/** What the operation returned and left in its operands, in the compiled kernel and in the plain one. */
function inBoth(operation: Operation, table: readonly Row[]): [unknown, unknown] {
  const run = (kernel: ModularKernel): unknown => {
    const column = (i: number): bigint[] => table.map((row) => row[i]!);
    const operands = [0, 1, 2, 3].map((i) => buffer(kernel, column(i))) as Operands;
    const returned = operation(kernel, operands);
    return { returned, operands: operands.map((operand) => [...operand]) };
  };
  return [run(createWasmKernel({ maxCoefficients: 4 * table.length + 1 })), run(createPlainKernel())];
}

const OPERATIONS: Record<string, Operation> = {
  addInto: (kernel, [sum, term]) => kernel.addInto(sum, term),
  rebase: (kernel, operands) => kernel.rebase(...operands),
  phase: (kernel, [sum, common, keySum]) => kernel.phase(sum, common, keySum),
  dot: (kernel, [x, y]) => kernel.dot(x, y),
  'openPhase at 44 bits': (kernel, [phases, out]) => kernel.openPhase(phases, out, 44),
  'openPhase at 54 bits, in place': (kernel, [phases]) => kernel.openPhase(phases, phases, 54),
};

for (const [name, operation] of Object.entries(OPERATIONS)) {
  test(`the compiled kernel agrees with the plain one: ${name}`, () => {
    fc.assert(
      fc.property(rows, (table) => {
        const [compiled, plain] = inBoth(operation, table);
        assert.deepEqual(compiled, plain);
      }),
      { numRuns: 150 },
    );
  });

  test(`the compiled kernel agrees with the plain one on every combination of edge values: ${name}`, () => {
    const table = EDGES.flatMap((a) =>
      EDGES.flatMap((b) => EDGES.flatMap((c) => EDGES.map((d): Row => [a, b, c, d]))),
    );
    const [compiled, plain] = inBoth(operation, table);
    assert.deepEqual(compiled, plain);
  });
}

test('the range check finds the first value that is not below q, at any place', () => {
  for (const kernel of [createWasmKernel(), createPlainKernel()]) {
    for (const outside of [Q, Q + 1n, 1n << 60n, 1n << 63n, (1n << 64n) - 1n]) {
      for (const place of [0, 1, 2, 3, 30, 31]) {
        const values = buffer(kernel, new Array<bigint>(32).fill(Q - 1n));
        assert.equal(kernel.firstOutOfRange(values), -1);
        values[31] = outside;
        values[place] = outside;
        assert.equal(kernel.firstOutOfRange(values), place);
      }
    }
  }
});

test('dot of 131072 largest coefficients does not overflow', () => {
  const kernel = createWasmKernel();
  const all = kernel.allocate(131072).fill(Q - 1n);
  assert.equal(kernel.dot(all, all), 131072n);
});

test('openPhase splits plaintext and error of either sign', () => {
  const kernel = createWasmKernel();
  const t = 1n << 50n;
  const phases = buffer(kernel, [5n, 7n + 336n * t, Q + 9n - 336n * t, Q - 1n]);
  const out = kernel.allocate(4);
  assert.equal(kernel.openPhase(phases, out, 50), 336n);
  assert.deepEqual([...out], [5n, 7n, 9n, t - 1n]);
});

test('a buffer of another kernel, unequal lengths and too much memory are refused', () => {
  const kernel = createWasmKernel({ maxCoefficients: 8 });
  const own = kernel.allocate(4);
  assert.throws(() => kernel.addInto(own, new BigUint64Array(4)), TypeError);
  assert.throws(() => kernel.addInto(own, createWasmKernel().allocate(4)), TypeError);
  assert.throws(() => kernel.dot(own, kernel.allocate(3)), TypeError);
  assert.throws(() => kernel.allocate(2), RangeError);
  assert.throws(() => createWasmKernel({ maxCoefficients: 0 }), RangeError);
  assert.throws(() => kernel.openPhase(own, own, 60), RangeError);
});

test('buffers do not overlap and stay valid while others are allocated', () => {
  const kernel = createWasmKernel({ maxCoefficients: 1 << 16 });
  const buffers = Array.from({ length: 16 }, (_, i) => kernel.allocate(4096).fill(BigInt(i)));
  for (const [i, one] of buffers.entries()) assert.ok(one.every((value) => value === BigInt(i)));
});
