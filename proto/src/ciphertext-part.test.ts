import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodePart, parsePart, partBytes, partCount } from './ciphertext-part.ts';
import { CHUNK_BYTES, N, PART_BYTES, Q } from './parameter-set.ts';

const ONE_CHUNK = { index: 0, chunks: 1 };

test('the lengths of the parts add up to the ciphertext, and only the last is short', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (chunks) => {
      const lengths = Array.from({ length: partCount(chunks) }, (_, index) => partBytes(index, chunks));
      assert.equal(lengths.reduce((sum, length) => sum + length), chunks * CHUNK_BYTES); // prettier-ignore
      assert.ok(lengths.slice(0, -1).every((length) => length === PART_BYTES));
      assert.ok(lengths.at(-1)! > 0 && lengths.at(-1)! <= PART_BYTES);
    }),
  );
});

test('there is no part beyond the last, and no empty ciphertext', () => {
  for (const [index, chunks] of [
    [1, 32],
    [2, 33],
    [-1, 1],
    [0.5, 9],
    [0, 0],
    [0, -1],
    [0, 1.5],
  ] as const) {
    // prettier-ignore
    assert.throws(() => partBytes(index, chunks), RangeError);
  }
});

test('a part is little-endian and parsed back, aligned or not', () => {
  const coefficients = BigUint64Array.from({ length: N }, (_, i) => (BigInt(i) << 40n) + 0x0102n);
  coefficients[N - 1] = Q - 1n;
  const bytes = encodePart(coefficients);
  assert.deepEqual([...bytes.subarray(0, 8)], [2, 1, 0, 0, 0, 0, 0, 0]);
  assert.equal(parsePart(bytes, ONE_CHUNK).buffer, coefficients.buffer);
  for (const shift of [1, 4, 7]) {
    const shifted = new Uint8Array(CHUNK_BYTES + shift);
    shifted.set(bytes, shift);
    assert.deepEqual(parsePart(shifted.subarray(shift), ONE_CHUNK), coefficients);
  }
});

test('a part of any other length is refused', () => {
  const bytes = new Uint8Array(CHUNK_BYTES + 8);
  for (const length of [0, CHUNK_BYTES - 8, CHUNK_BYTES - 1, CHUNK_BYTES + 1, CHUNK_BYTES + 8]) {
    assert.throws(() => parsePart(bytes.subarray(0, length), ONE_CHUNK), {
      code: 'PART_BAD_LENGTH',
      detail: `part 0: ${length} bytes, not ${CHUNK_BYTES}`,
    });
  }
  assert.throws(() => parsePart(new Uint8Array(PART_BYTES), { index: 1, chunks: 33 }), {
    code: 'PART_BAD_LENGTH',
  });
});

test('a coefficient that is not below q is refused and its place named, wherever it is', () => {
  for (const outside of [Q, Q + 1n, 1n << 60n, Q + (1n << 32n), 1n << 63n, (1n << 64n) - 1n]) {
    for (const place of [0, 1, N - 1, N, 2 * N - 1]) {
      const coefficients = new BigUint64Array(2 * N).fill(Q - 1n);
      coefficients[2 * N - 1] = outside;
      coefficients[place] = outside;
      assert.throws(() => parsePart(encodePart(coefficients), { index: 1, chunks: 34 }), {
        code: 'PART_OUT_OF_RANGE',
        detail: `part 1: coefficient ${place % N} of chunk ${place < N ? 32 : 33} is not below q`,
      });
    }
  }
});

test('any coefficients below q are accepted', () => {
  const coefficient = fc.oneof(
    fc.constantFrom(0n, Q - 1n, Q - 2n ** 32n),
    fc.bigInt({ min: 0n, max: Q - 1n }),
  );
  fc.assert(
    fc.property(fc.array(coefficient, { minLength: 1, maxLength: 50 }), (some) => {
      const coefficients = BigUint64Array.from({ length: N }, (_, i) => some[i % some.length]!);
      assert.deepEqual(parsePart(encodePart(coefficients).slice(), ONE_CHUNK), coefficients);
    }),
    { numRuns: 40 },
  );
});
