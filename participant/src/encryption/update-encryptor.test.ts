import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  CHUNK_BYTES,
  CHUNKS_PER_PART,
  commonPolynomial,
  createWasmKernel,
  generateSharingKey,
  levels,
  N,
  packingLayout,
  PART_BYTES,
  SEALED_SHARE_BYTES,
  toHex,
  type Digest,
} from '@blindsum/proto';
import { hashLeaf, nodeKeyStream } from '@blindsum/proto/node';
import { merkleRoot } from '@blindsum/proto/tlog';
import { PayloadEncryption } from './payload-encryption.ts';
import { quantisePayload, type PlainPayload } from './payload.ts';
import { createSealEngine } from './seal-engine.ts';
import { encryptUpdate, type EncryptionTask } from './update-encryptor.ts';

const folder = mkdtempSync(join(tmpdir(), 'blindsum-encrypt-'));
after(() => rmSync(folder, { recursive: true }));

const SITES = 3;
const BITS = 16;
const sharingKeys = Array.from({ length: SITES }, () => generateSharingKey(randomBytes(32)).publicKey);

function taskOf(name: string, payload: PlainPayload): EncryptionTask {
  const files = { ciphertext: join(folder, `${name}.ciphertext`), shares: join(folder, `${name}.shares`) };
  const context = '33'.repeat(32) as Digest;
  return { context, bits: BITS, capacity: SITES, threshold: 2, payload, files, sharingKeys, ownIndex: 1 };
}

function update(values: Float32Array): PlainPayload {
  const half = values.length >> 1;
  const tensors = [
    { offset: 0, size: half, rangeExponent: 0 },
    { offset: half, size: values.length - half, rangeExponent: -2 },
  ];
  return { header: [100, 0, 0, 7], update: { values, weight: 1, tensors, firstClipField: 1 } };
}

function recordRoot(bytes: Uint8Array, size: number): string {
  const leaves = [];
  for (let at = 0; at < bytes.length; at += size) leaves.push(hashLeaf(bytes.subarray(at, at + size)));
  return toHex(merkleRoot(leaves));
}

test('the files hold what the site commits to: parts of 1 MiB, the last shorter, and one share a member', async () => {
  const values = packingLayout({ bits: BITS, sites: SITES }).valuesPerChunk * CHUNKS_PER_PART;
  const progress: number[] = [];
  const task = taskOf('large', update(new Float32Array(values).fill(0.1)));
  const encrypted = await encryptUpdate(task, ({ done }) => progress.push(done));
  const chunks = CHUNKS_PER_PART + 1;
  assert.deepEqual(progress, [CHUNKS_PER_PART, chunks]);
  assert.equal(encrypted.chunks, chunks);
  const [ciphertext, shares] = [readFileSync(task.files.ciphertext), readFileSync(task.files.shares)];
  assert.equal(ciphertext.length, chunks * CHUNK_BYTES);
  assert.equal(recordRoot(ciphertext, PART_BYTES), encrypted.ciphertextRoot);
  assert.equal(shares.length, SITES * SEALED_SHARE_BYTES);
  assert.equal(recordRoot(shares, SEALED_SHARE_BYTES), encrypted.shareRoot);
  assert.equal(statSync(task.files.ciphertext).mode & 0o777, 0o600);
});

test('encrypting the same values twice gives different ciphertexts and shares', async () => {
  const payload = { header: [1, 2, 3] };
  const [first, second] = [
    await encryptUpdate(taskOf('first', payload), () => undefined),
    await encryptUpdate(taskOf('second', payload), () => undefined),
  ];
  assert.notEqual(first.ciphertextRoot, second.ciphertextRoot);
  assert.notEqual(first.shareRoot, second.shareRoot);
});

test('a task that fails leaves no file behind', async () => {
  const tooLarge = { header: [2 ** 53 - 1] };
  await assert.rejects(
    encryptUpdate(taskOf('failed', tooLarge), () => undefined),
    RangeError,
  );
  const notFinite = update(Float32Array.of(1, NaN));
  await assert.rejects(
    encryptUpdate(taskOf('failed', notFinite), () => undefined),
    RangeError,
  );
  const keysOfWrongSize = { ...taskOf('unsealed', { header: [1] }), sharingKeys: [new Uint8Array(5)] };
  await assert.rejects(encryptUpdate({ ...keysOfWrongSize, threshold: 1 }, () => undefined));
  assert.deepEqual(
    readdirSync(folder).filter((name) => /failed|unsealed|partial/.test(name)),
    [],
  );
});

test('each tensor is quantised on its own scale, and its clipped values are counted in the header', () => {
  const values = Float32Array.of(0.5, 2, -3, 0.125, 0.25, 0.3);
  const { header, biased } = quantisePayload(update(values), BITS);
  const top = levels(BITS);
  assert.deepEqual(header, [100, 2, 1, 7]);
  assert.deepEqual([...biased.subarray(1, 3)], [2 * top, 0]);
  assert.deepEqual([...biased.subarray(4)], [2 * top, 2 * top]);
  assert.ok(Math.abs(biased[0]! - 1.5 * top) <= 1 && Math.abs(biased[3]! - 1.5 * top) <= 1);
});

test('values are rounded up and down at random, right on average, also beyond one slice', () => {
  const count = (1 << 16) + 5;
  const quarter = (levels(BITS) + 0.25) / levels(BITS) - 1;
  const values = new Float32Array(count).fill(quarter);
  const tensors = [{ offset: 0, size: count, rangeExponent: 0 }];
  const payload = { header: [0], update: { values, weight: 1, tensors, firstClipField: 0 } };
  const { biased } = quantisePayload(payload, BITS);
  const ups = biased.reduce((sum, value) => sum + value - levels(BITS), 0);
  assert.deepEqual([...new Set(biased)].sort(), [levels(BITS), levels(BITS) + 1]);
  // 0.25 with a standard deviation of 0.0017.
  assert.ok(Math.abs(ups / count - 0.25) < 0.015);
});

test('after an encryption the kernel holds nothing but the public polynomial', async () => {
  const layout = packingLayout({ bits: BITS, sites: SITES });
  const engine = await createSealEngine(layout.plainBits);
  const kernel = createWasmKernel({ maxCoefficients: 40 * N });
  const key = engine.generateOneTimeKey(kernel.allocate(N));
  const memory = new BigUint64Array(key.nttForm.buffer, key.nttForm.byteOffset);
  const payload = { header: [7], biased: new Uint32Array(9).fill(3) };
  const context = '33'.repeat(32) as Digest;
  const encryption = new PayloadEncryption({ engine, kernel, key, layout, payload, context });
  const used = () => memory.reduce((count, word) => count + (word === 0n ? 0 : 1), 0);
  for (const part of encryption.ciphertextParts()) assert.equal(part.length, 2 * N);
  assert.equal(used(), 5 * N, 'the key, a_k, a and two chunks');
  encryption.erase();
  engine.destroy();
  const common = kernel.allocate(N);
  commonPolynomial(nodeKeyStream, new Uint8Array(32).fill(0x33), 1, common);
  assert.equal(used() - common.length, N);
  assert.ok([...Array(3).keys()].some((i) => isEqual(memory.subarray(i * N, (i + 1) * N), common)));
});

function isEqual(a: BigUint64Array, b: BigUint64Array): boolean {
  return a.every((value, i) => value === b[i]);
}
