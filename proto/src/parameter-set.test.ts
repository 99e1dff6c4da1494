import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHUNK_BYTES, ERROR_BOUND, MAX_SITES, N, P, plainBits, Q, residualBound } from './parameter-set.ts';

/** Deterministic Miller-Rabin: these bases decide every number below 3.3e24. */
function isPrime(n: bigint): boolean {
  const powMod = (base: bigint, exponent: bigint): bigint => {
    let result = 1n;
    for (let b = base, e = exponent; e > 0n; e >>= 1n, b = (b * b) % n) if (e & 1n) result = (result * b) % n;
    return result;
  };
  let odd = n - 1n;
  let twos = 0;
  for (; (odd & 1n) === 0n; odd >>= 1n) twos++;
  return [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n].every((base) => {
    let x = powMod(base, odd);
    for (let i = 0; i < twos && x !== 1n && x !== n - 1n; i++) x = (x * x) % n === 1n ? 0n : (x * x) % n;
    return x === 1n || x === n - 1n;
  });
}

test('no roster size allows a decryption failure: t·(21n + 1) < q/2', () => {
  for (let sites = 1; sites <= MAX_SITES; sites++) {
    const t = 1n << BigInt(plainBits(sites));
    assert.ok(2n * t * BigInt(ERROR_BOUND * sites + 1) < Q, `${sites} sites`);
  }
});

test('for no roster size do the residuals of a random chunk look honest', () => {
  for (let sites = 1; sites <= MAX_SITES; sites++) {
    const honest = BigInt(2 * ERROR_BOUND * sites + 1) << BigInt(plainBits(sites));
    assert.ok(10n * honest <= 9n * Q, `${sites} sites`);
  }
});

test('t is the largest power of two that both allow', () => {
  for (let sites = 1; sites <= MAX_SITES; sites++) {
    const t = 2n << BigInt(plainBits(sites));
    const fails = 2n * t * BigInt(ERROR_BOUND * sites + 1) >= Q;
    assert.ok(
      fails || 10n * BigInt(2 * ERROR_BOUND * sites + 1) * t > 9n * Q,
      `${sites} sites could have more`,
    );
  }
});

test('the widths of PROTOCOL.md section 2', () => {
  assert.deepEqual([16, 64, 256, 1024].map(plainBits), [50, 48, 46, 44]);
});

test('q is the 60-bit prime with a transform of size N, of the form the kernel reduces by', () => {
  assert.ok(isPrime(Q));
  assert.equal(Q.toString(2).length, 60);
  assert.equal(Q % BigInt(2 * N), 1n);
  assert.equal(Q, 2n ** 60n - 2n ** 14n + 1n);
});

test('p is a 16-bit prime above twice the largest key sum', () => {
  assert.ok(isPrime(BigInt(P)));
  assert.equal(P, 2 ** 16 - 15);
  assert.ok(2 * MAX_SITES < P);
});

test('a roster size that does not exist is our own bug', () => {
  for (const sites of [0, -1, MAX_SITES + 1, 2.5, NaN]) assert.throws(() => plainBits(sites), RangeError);
});

test('residuals are bounded by 21 for each contributor, and a chunk has 32 KiB', () => {
  assert.equal(residualBound(3), 63);
  assert.equal(CHUNK_BYTES, 32768);
});
