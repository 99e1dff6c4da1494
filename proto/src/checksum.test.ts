import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { nodeKeyStream } from '../node/key-stream.ts';
import { toHex } from './bytes.ts';
import {
  checksumChallenge,
  checksumKey,
  checksumKeys,
  createChecksum,
  encodeChecksumValue,
  isChecksumSum,
  parseChecksumValue,
  verifyChecksum,
} from './checksum.ts';
import { sampleUniform } from './common-polynomial.ts';
import { createWasmKernel } from './kernel/modular-kernel.ts';
import { N, Q } from './parameter-set.ts';

const SUBJECT = {
  context: new Uint8Array(32).fill(1),
  setRoot: new Uint8Array(32).fill(2),
  sumRoot: new Uint8Array(32).fill(3),
};
const KEYS = checksumKeys(SUBJECT);
const kernel = createWasmKernel();
const SITES = 3;
const CHUNKS = 2;

/** `SITES` random ciphertexts of `CHUNKS` chunks, and their sum. */
const ciphertexts = Array.from({ length: SITES }, () => Array.from({ length: CHUNKS }, randomChunk));
const sum = Array.from({ length: CHUNKS }, (_, k) => addAll(ciphertexts.map((chunks) => chunks[k]!)));

function randomChunk(): BigUint64Array {
  const chunk = kernel.allocate(N);
  sampleUniform(nodeKeyStream, randomBytes(32), chunk);
  return chunk;
}

function addAll(chunks: readonly BigUint64Array[]): BigUint64Array {
  const total = kernel.allocate(N);
  for (const chunk of chunks) kernel.addInto(total, chunk);
  return total;
}

function valuesOf(chunks: readonly BigUint64Array[]): bigint[] {
  const checksum = createChecksum(kernel, nodeKeyStream, KEYS);
  for (const [k, chunk] of chunks.entries()) checksum.addChunk(k, chunk);
  return checksum.values();
}

test('the checksums of the contributions add up to that of the sum, in both repetitions', () => {
  const contributions = ciphertexts.map(valuesOf);
  const totals = valuesOf(sum);
  for (const [repetition, total] of totals.entries()) {
    assert.doesNotThrow(() => verifyChecksum(contributions.map((values) => values[repetition]!), total)); // prettier-ignore
  }
  assert.notEqual(totals[0], totals[1]);
});

test('a checksum is the inner product with the challenge, by definition', () => {
  const challenge = new BigUint64Array(N);
  let expected = 0n;
  for (const [k, chunk] of sum.entries()) {
    checksumChallenge(nodeKeyStream, KEYS[0]!, k, challenge);
    for (let i = 0; i < N; i++) expected += challenge[i]! * chunk[i]!;
  }
  assert.equal(valuesOf(sum)[0], expected % Q);
});

test('chunks may come in any order, and two checksums may be computed at once', () => {
  const [one, other] = [0, 1].map(() => createChecksum(kernel, nodeKeyStream, KEYS)) as [
    ReturnType<typeof createChecksum>,
    ReturnType<typeof createChecksum>,
  ];
  one.addChunk(1, sum[1]!);
  other.addChunk(0, sum[0]!);
  one.addChunk(0, sum[0]!);
  other.addChunk(1, sum[1]!);
  assert.deepEqual(one.values(), valuesOf(sum));
  assert.deepEqual(other.values(), valuesOf(sum));
});

const TAMPERED: Record<string, () => BigUint64Array[]> = {
  'one contributor is left out': () => sum.map((_, k) => addAll(ciphertexts.slice(1).map((c) => c[k]!))),
  'one contributor counts twice': () => sum.map((chunk, k) => addAll([chunk, ciphertexts[0]![k]!])),
  'one coefficient is one more': () => {
    const changed = sum.map((chunk) => addAll([chunk]));
    changed[1]![4095] = (changed[1]![4095]! + 1n) % Q;
    return changed;
  },
  'two chunks are exchanged': () => [sum[1]!, sum[0]!],
};
for (const [what, tampered] of Object.entries(TAMPERED)) {
  test(`the sum is refused when ${what}`, () => {
    const contributions = ciphertexts.map((chunks) => valuesOf(chunks)[0]!);
    assert.throws(() => verifyChecksum(contributions, valuesOf(tampered())[0]!), { code: 'BAD_CHECKSUM' });
  });
}

test('every input of the challenge changes it', () => {
  const keys = new Set([...KEYS, checksumKey({ ...SUBJECT, repetition: 0 })].map(toHex));
  assert.equal(keys.size, 2);
  for (const name of ['context', 'setRoot', 'sumRoot'] as const) {
    keys.add(toHex(checksumKey({ ...SUBJECT, [name]: new Uint8Array(32).fill(9), repetition: 0 })));
  }
  assert.equal(keys.size, 5);
  const first = (k: number): bigint => {
    const out = new BigUint64Array(N);
    checksumChallenge(nodeKeyStream, KEYS[0]!, k, out);
    return out[0]!;
  };
  assert.notEqual(first(0), first(1));
});

test('values add up modulo q', () => {
  assert.ok(isChecksumSum([Q - 1n, Q - 1n, 2n], 0n));
  assert.ok(isChecksumSum([], 0n));
  assert.ok(!isChecksumSum([Q - 1n, 1n], Q));
  assert.ok(!isChecksumSum([1n, 2n], 4n));
});

test('a checksum value has one spelling', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: Q - 1n }), (value) => {
      assert.equal(parseChecksumValue(encodeChecksumValue(value)), value);
    }),
  );
  assert.equal(encodeChecksumValue(255n), '00000000000000ff');
});

test('malformed checksum values are refused', () => {
  for (const text of [
    '',
    'ff',
    '00000000000000FF',
    '00000000000000ff0',
    ' 0000000000000ff',
    Q.toString(16).padStart(16, '0'),
  ]) {
    assert.throws(() => parseChecksumValue(text), { code: 'MALFORMED' }, text);
  }
});

test('wrong lengths, repetitions and values are our own bug', () => {
  assert.throws(() => checksumKey({ ...SUBJECT, repetition: 2 }), RangeError);
  assert.throws(() => checksumKey({ ...SUBJECT, sumRoot: new Uint8Array(31), repetition: 0 }), TypeError);
  assert.throws(
    () => checksumChallenge(nodeKeyStream, new Uint8Array(16), 0, new BigUint64Array(N)),
    TypeError,
  );
  assert.throws(() => encodeChecksumValue(Q), RangeError);
  assert.throws(() => encodeChecksumValue(-1n), RangeError);
});
