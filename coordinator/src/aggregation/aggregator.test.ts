import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  checksumKeys,
  createChecksum,
  createPlainKernel,
  encodeChecksumValue,
  N,
  nobleKeyStream,
  PART_BYTES,
  Q,
  Refusal,
  toDigestBytes,
  toHex,
  type Bytes,
  type Digest,
  type JobId,
  type SiteId,
} from '@blindsum/proto';
import { hashLeaf, merkleRoot } from '@blindsum/proto/tlog';
import type { BlobName, SumTask } from '../ports.ts';
import { createFileBlobStore } from '../storage/file-blob-store.ts';
import { createAggregator } from './aggregator.ts';

const root = mkdtempSync(join(tmpdir(), 'blindsum-aggregation-'));
const blobs = createFileBlobStore(root);
const aggregator = createAggregator({ root, workers: 2 });
after(async () => {
  await aggregator.close();
  rmSync(root, { recursive: true, force: true });
});

const SITES = ['site-a', 'site-b', 'site-c'] as SiteId[];
/** A whole part and a short one. */
const CHUNKS = 34;
const digestOf = (n: number) => n.toString(16).padStart(64, '0') as Digest;
/** By site; some of the largest coefficients there are, so that sums wrap around. */
const CIPHERTEXTS = SITES.map((_, site) => coefficientsOf(BigInt(site + 3)));
const EXPECTED = encode(sumOf(CIPHERTEXTS));
let rounds = 0;

test('the sum is that of the members modulo q, and is named by the root of its parts', async () => {
  const task = await upload(CIPHERTEXTS);
  const sum = await aggregator.sum(task);
  assert.ok(Buffer.from(EXPECTED).equals(await stored(task)));
  assert.equal(sum.root, rootOf(EXPECTED));
});

test('its checksums are those that the members own ones add up to', async () => {
  const task = await upload(CIPHERTEXTS);
  const sum = await aggregator.sum(task);
  const members = CIPHERTEXTS.map((ciphertext) => checksumOf(task, sum.root, ciphertext));
  const totals = [0, 1].map((i) => members.reduce((total, values) => (total + values[i]!) % Q, 0n));
  assert.deepEqual(sum.checksums, totals.map(encodeChecksumValue));
});

test('who is not in the set is not in the sum', async () => {
  const task = await upload(CIPHERTEXTS);
  const members = SITES.filter((site) => site !== 'site-b');
  const set = { ...task.set, root: digestOf(77), members };
  await aggregator.sum({ ...task, set });
  const expected = encode(sumOf([CIPHERTEXTS[0]!, CIPHERTEXTS[2]!]));
  assert.ok(Buffer.from(expected).equals(await stored({ ...task, set })));
});

test('the same sum again is the same, also beside itself and after a crash between two parts', async () => {
  const task = await upload(CIPHERTEXTS);
  const [first, second] = await Promise.all([aggregator.sum(task), aggregator.sum(task)]);
  assert.deepEqual(second, first);
  const interrupted = await upload(CIPHERTEXTS);
  await blobs.append(sumOfTask(interrupted), 0, EXPECTED.subarray(0, PART_BYTES));
  const resumed = await aggregator.sum(interrupted);
  assert.equal(resumed.root, first.root);
  assert.ok(Buffer.from(EXPECTED).equals(await stored(interrupted)));
});

test('the set and the context are part of the challenge', async () => {
  const task = await upload(CIPHERTEXTS);
  const sum = await aggregator.sum(task);
  const other = await aggregator.sum({ ...task, context: digestOf(99) });
  assert.equal(other.root, sum.root);
  assert.notDeepEqual(other.checksums, sum.checksums);
});

test('one short ciphertext is an error, not a refusal and not a sum over the others', async () => {
  const task = await upload(CIPHERTEXTS);
  await blobs.remove({ id: task.id, kind: 'ciphertext', owner: SITES[1]! });
  const part = encode(CIPHERTEXTS[1]!).subarray(0, PART_BYTES);
  await blobs.append({ id: task.id, kind: 'ciphertext', owner: SITES[1]! }, 0, part);
  const failing = createAggregator({ root });
  const isError = (error: unknown) => error instanceof Error && !(error instanceof Refusal);
  await assert.rejects(() => failing.sum(task), isError);
  await assert.rejects(() => failing.sum({ ...task, set: { ...task.set, members: [] } }), isError);
  await failing.close();
});

test('a sum that is under way when the threads are ended is rejected', async () => {
  const task = await upload(CIPHERTEXTS);
  const closing = createAggregator({ root });
  const rejected = assert.rejects(() => closing.sum(task), /failed/);
  await new Promise(setImmediate);
  await closing.close();
  await rejected;
});

async function upload(ciphertexts: readonly BigUint64Array[]): Promise<SumTask> {
  const id = { job: 'job-1' as JobId, round: ++rounds, attempt: 1 };
  for (const [i, ciphertext] of ciphertexts.entries()) {
    await blobs.append({ id, kind: 'ciphertext', owner: SITES[i]! }, 0, encode(ciphertext));
  }
  const set = { setAttempt: 1, root: digestOf(rounds), members: SITES, excluded: [] };
  return { id, context: digestOf(5), set, chunks: CHUNKS };
}

function sumOfTask({ id, set }: SumTask): BlobName {
  return { id, kind: 'sum', owner: set.root };
}

async function stored(task: SumTask): Promise<Bytes> {
  return blobs.read(sumOfTask(task), 0, await blobs.size(sumOfTask(task)));
}

function coefficientsOf(seed: bigint): BigUint64Array {
  const step = (seed * 0x9e3779b97f4a7c15n) % Q;
  const coefficients = new BigUint64Array(CHUNKS * N);
  for (let i = 0, value = step; i < coefficients.length; i++, value = (value + step) % Q)
    coefficients[i] = value;
  return coefficients.fill(Q - 1n, 0, 5);
}

function sumOf(ciphertexts: readonly BigUint64Array[]): BigUint64Array {
  return ciphertexts[0]!.map((_, i) => ciphertexts.reduce((sum, one) => (sum + one[i]!) % Q, 0n));
}

function encode(coefficients: BigUint64Array): Bytes {
  return new Uint8Array(coefficients.buffer);
}

function rootOf(content: Bytes): string {
  const parts = [content.subarray(0, PART_BYTES), content.subarray(PART_BYTES)];
  return toHex(merkleRoot(parts.map(hashLeaf)));
}

/** By the plain kernel and the portable key stream. */
function checksumOf(task: SumTask, sumRoot: Digest, ciphertext: BigUint64Array): bigint[] {
  const [context, setRoot] = [task.context, task.set.root].map(toDigestBytes) as [Bytes, Bytes];
  const keys = checksumKeys({ context, setRoot, sumRoot: toDigestBytes(sumRoot) });
  const checksum = createChecksum(createPlainKernel(), nobleKeyStream, keys);
  for (let k = 0; k < CHUNKS; k++) checksum.addChunk(k, ciphertext.subarray(k * N, (k + 1) * N));
  return checksum.values();
}
