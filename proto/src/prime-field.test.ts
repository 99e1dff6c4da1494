import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { P } from './parameter-set.ts';
import {
  addField,
  invertField,
  multiplyField,
  reduceField,
  subtractField,
  toCentred,
  toField,
} from './prime-field.ts';

const element = fc.oneof(fc.constantFrom(0, 1, 2, P - 2, P - 1), fc.nat(P - 1));

test('addition, subtraction and multiplication are those of integers modulo p', () => {
  fc.assert(
    fc.property(element, element, (a, b) => {
      assert.equal(addField(a, b), (a + b) % P);
      assert.equal(subtractField(a, b), (a - b + P) % P);
      assert.equal(multiplyField(a, b), (a * b) % P);
    }),
    { numRuns: 500 },
  );
});

test('any 32-bit integer is reduced, multiples of p to zero', () => {
  for (const value of [0, P - 1, P, P + 1, 65535, 65536, 65537 * P, 65551 * P - 1, 2 ** 32 - 1]) {
    assert.equal(reduceField(value), value % P);
  }
  fc.assert(fc.property(fc.nat(2 ** 32 - 1), (value) => assert.equal(reduceField(value), value % P)));
});

test('every element but zero times its inverse is one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: P - 1 }), (a) => assert.equal(multiplyField(a, invertField(a)), 1)),
  );
  assert.throws(() => invertField(0), RangeError);
});

test('centred representatives are the small integers again', () => {
  for (const value of [-1024, -1, 0, 1, 1024]) assert.equal(toCentred(toField(value)), value);
});
