import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nodeKeyStream } from '../node/key-stream.ts';
import { commonPolynomial, sampleUniform, type KeyStream } from './common-polynomial.ts';
import { nobleKeyStream } from './noble-key-stream.ts';
import { N, Q } from './parameter-set.ts';

const CONTEXT = new Uint8Array(32).fill(7);

/** A key stream of the given words, then zeros. */
function streamOf(words: readonly bigint[]): KeyStream {
  return (_key, byteOffset, byteLength) => {
    const all = BigUint64Array.from({ length: (byteOffset + byteLength) / 8 }, (_, i) => words[i] ?? 0n);
    return new Uint8Array(all.buffer).slice(byteOffset);
  };
}

function polynomial(k: number, context = CONTEXT, stream: KeyStream = nodeKeyStream): bigint[] {
  const out = new BigUint64Array(N);
  commonPolynomial(stream, context, k, out);
  return [...out];
}

test('words are masked to 60 bits and those not below q are skipped', () => {
  const words = [
    Q,
    1n,
    (1n << 64n) - 1n,
    Q - 1n,
    2n | (15n << 60n),
    (1n << 60n) - 1n,
    Q + (3n << 60n),
    3n,
    4n,
  ];
  const out = new BigUint64Array(5);
  sampleUniform(streamOf(words), CONTEXT, out);
  assert.deepEqual([...out], [1n, Q - 1n, 2n, 3n, 4n]);
});

test('sampling goes on in the stream however many words are skipped', () => {
  const word = fc.oneof(
    fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    fc.bigInt({ min: Q - 2n, max: (1n << 60n) - 1n }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), fc.integer({ min: 0, max: 40 }), (words, length) => {
      const expected = [...words.map((value) => BigInt.asUintN(60, value)).filter((value) => value < Q)];
      const out = new BigUint64Array(length).fill(9n);
      sampleUniform(streamOf(words), CONTEXT, out);
      assert.deepEqual([...out], [...expected, ...new Array<bigint>(length).fill(0n)].slice(0, length));
    }),
  );
});

test('an unaligned key stream gives the same values', () => {
  const shifted: KeyStream = (key, offset, length) => {
    const copy = Buffer.from(new ArrayBuffer(length + 1));
    copy.set(nodeKeyStream(key, offset, length), 1);
    return copy.subarray(1);
  };
  assert.deepEqual(polynomial(3, CONTEXT, shifted), polynomial(3));
});

test('every site expands the same polynomial, with either key stream, below q', () => {
  assert.deepEqual(polynomial(5, CONTEXT, nobleKeyStream), polynomial(5));
  assert.ok(polynomial(5).every((value) => value < Q));
});

test('another chunk or another context gives an unrelated polynomial', () => {
  const one = new Set(polynomial(0));
  const other = CONTEXT.slice();
  other[31] = 6;
  for (const different of [polynomial(1), polynomial(256), polynomial(0, other)]) {
    assert.ok(different.every((value) => !one.has(value)));
  }
});

test('coefficients are spread evenly over 0..q', () => {
  const counts = new Array<number>(16).fill(0);
  for (let k = 0; k < 4; k++) for (const value of polynomial(k)) counts[Number(value >> 56n)]!++;
  // 16384 draws, 1024 expected a bin: seven standard deviations.
  for (const count of counts) assert.ok(Math.abs(count - 1024) < 220, `${count}`);
});

test('a context of another length and a short key stream are our own bug', () => {
  assert.throws(() => polynomial(0, new Uint8Array(31)), TypeError);
  assert.throws(() => polynomial(0, CONTEXT, () => new Uint8Array(8)), TypeError);
  assert.throws(() => polynomial(-1), RangeError);
});
