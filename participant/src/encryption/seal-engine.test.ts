import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { commonPolynomial, createWasmKernel, N, plainBits, Q, type ModularKernel } from '@blindsum/proto';
import { nodeKeyStream } from '@blindsum/proto/node';
import { createSealEngine, SealEngine } from './seal-engine.ts';
import { createSealModule } from './seal-module.ts';

const PLAIN_BITS = plainBits(16);
const CONTEXT = new Uint8Array(32).fill(7);

let engine: SealEngine;
let kernel: ModularKernel;

before(async () => {
  engine = await createSealEngine(PLAIN_BITS);
  kernel = createWasmKernel();
});
after(() => engine.destroy());

const polynomial = (value: (i: number) => bigint) => BigUint64Array.from({ length: N }, (_, i) => value(i));
const message = polynomial((i) => (BigInt(i) * 0x9e3779b97f4a7n) % (1n << BigInt(PLAIN_BITS)));
message[0] = 0n;
message[N - 1] = (1n << BigInt(PLAIN_BITS)) - 1n;

function encrypt(plain: BigUint64Array) {
  const [c0, own, common] = [kernel.allocate(N), kernel.allocate(N), kernel.allocate(N)];
  const key = engine.generateOneTimeKey(kernel.allocate(N));
  commonPolynomial(nodeKeyStream, CONTEXT, 0, common);
  engine.encryptChunk(key, plain, { c0, own });
  kernel.rebase(c0, common, own, key.nttForm);
  return { key, c0, common };
}

test("a ciphertext rebased to the common polynomial decrypts with SEAL's own Decryptor", () => {
  const { key, c0, common } = encrypt(message);
  assert.deepEqual(engine.decryptDirect(c0, common, key.nttForm), message);
});

test('under another key, SEAL decrypts to something else', () => {
  const { c0, common } = encrypt(message);
  const other = engine.generateOneTimeKey(kernel.allocate(N));
  assert.notDeepEqual(engine.decryptDirect(c0, common, other.nttForm), message);
});

test('two encryptions of the same values differ in every polynomial', () => {
  assert.notDeepEqual(encrypt(message).c0, encrypt(message).c0);
  const key = engine.generateOneTimeKey(new BigUint64Array(N));
  const [first, second] = [0, 1].map(() => ({ c0: new BigUint64Array(N), own: new BigUint64Array(N) }));
  engine.encryptChunk(key, message, first!);
  engine.encryptChunk(key, message, second!);
  assert.notDeepEqual(first!.c0, second!.c0);
  assert.notDeepEqual(first!.own, second!.own);
});

test('one-time keys differ, are ternary and use all three values', () => {
  const keys = [0, 1, 2].map(() => engine.generateOneTimeKey(new BigUint64Array(N)));
  assert.equal(new Set(keys.map((key) => key.coefficients.join())).size, 3);
  assert.equal(new Set(keys.map((key) => key.nttForm.join())).size, 3);
  assert.deepEqual([...new Set(keys.flatMap((key) => [...key.coefficients]))].sort(), [-1, 0, 1]);
});

test('the coefficients of a key transform back to its NTT form', () => {
  const key = engine.generateOneTimeKey(new BigUint64Array(N));
  const nttForm = new BigUint64Array(N);
  engine.toNtt(Int32Array.from(key.coefficients), nttForm);
  assert.deepEqual(nttForm, key.nttForm);
});

test('one inverse transform serves two polynomials, also when the second is zero', () => {
  const sums = [1, 2].map((scale) => Int32Array.from({ length: N }, (_, i) => ((i * scale) % 2049) - 1024));
  const forms = sums.map((sum) => {
    const form = new BigUint64Array(N);
    engine.toNtt(sum, form);
    return form;
  });
  const [first, second, alone] = [forms[0]!.slice(), forms[1]!.slice(), forms[1]!.slice()];
  engine.fromNtt(first, second);
  const residues = (sum: Int32Array) => BigUint64Array.from(sum, (x) => (BigInt(x) + Q) % Q);
  assert.deepEqual([first, second], sums.map(residues));
  engine.fromNtt(alone, new BigUint64Array(N));
  assert.deepEqual(alone, residues(sums[1]!));
});

test('a destroyed key is zero and cannot be used', () => {
  const nttForm = new BigUint64Array(N);
  const key = engine.generateOneTimeKey(nttForm);
  const { coefficients } = key;
  key.destroy();
  key.destroy();
  assert.ok(nttForm.every((value) => value === 0n));
  assert.ok(coefficients.every((value) => value === 0));
  for (const use of [() => key.coefficients, () => key.nttForm, () => key.encryptor]) {
    assert.throws(use, /after it had been destroyed/);
  }
});

test('a key prints as its kind only', () => {
  const key = engine.generateOneTimeKey(new BigUint64Array(N));
  assert.equal(inspect({ key }, { showHidden: true, depth: 9 }), '{ key: [OneTimeKey] }');
  assert.equal(JSON.stringify({ key }), '{"key":"[OneTimeKey]"}');
});

test("destroying the engine leaves nothing in SEAL's heap and destroys its keys", async () => {
  const module = await createSealModule();
  const own = new SealEngine(module, PLAIN_BITS);
  const nttForm = new BigUint64Array(N);
  const key = own.generateOneTimeKey(nttForm);
  const secret = Buffer.from(nttForm.buffer).subarray(0, 64);
  assert.ok(Buffer.from(module.memory.buffer).includes(secret), 'the key was in the heap');
  own.destroy();
  assert.ok(new Uint32Array(module.memory.buffer).every((word) => word === 0));
  own.destroy();
  assert.ok(nttForm.every((value) => value === 0n));
  assert.throws(() => key.coefficients, /destroyed/);
  assert.throws(() => own.generateOneTimeKey(nttForm));
});

test('a message coefficient that does not fit is refused before SEAL sees it', () => {
  const key = engine.generateOneTimeKey(new BigUint64Array(N));
  const out = { c0: new BigUint64Array(N), own: new BigUint64Array(N) };
  for (const misfit of [1n << BigInt(PLAIN_BITS), 1n << 63n]) {
    const plain = polynomial((i) => (i === 5 ? misfit : 0n));
    assert.throws(() => engine.encryptChunk(key, plain, out), RangeError);
  }
  assert.throws(() => engine.encryptChunk(key, new BigUint64Array(N - 1), out), TypeError);
});

test('a key sum beyond the largest roster is refused', () => {
  const out = new BigUint64Array(N);
  assert.throws(() => engine.toNtt(new Int32Array(N).fill(1025), out), RangeError);
  assert.throws(() => engine.toNtt(new Int32Array(N - 1), out), RangeError);
});

test('a plaintext width that bs1 has no use for is refused', async () => {
  for (const bits of [0, 32, 60, 50.5]) await assert.rejects(createSealEngine(bits), RangeError);
});
