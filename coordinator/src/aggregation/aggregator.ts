// Adds up the ciphertexts of a set (PROTOCOL.md section 5, "sum"): part by part in worker threads, onto disk in order, and then
// the checksum of the sum, whose challenge is fixed only by the sum's root.
import { availableParallelism } from 'node:os';
import {
  checksumKeys,
  encodeChecksumValue,
  PART_BYTES,
  partCount,
  Q,
  toDigestBytes,
  toHex,
  type Bytes,
  type Digest,
} from '@blindsum/proto';
import { merkleRoot } from '@blindsum/proto/tlog';
import type { Aggregator, BlobStore, SumTask } from '../ports.ts';
import type { Sum } from '../round/round.ts';
import { createFileBlobStore } from '../storage/file-blob-store.ts';
import { createSemaphore } from '../storage/semaphore.ts';
import { inOrder } from './in-order.ts';
import { sumName } from './part-work.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

export interface AggregatorOptions {
  /** Root of the file blob store that holds the ciphertexts and receives the sums. */
  readonly root: string;
  /** That store, for one that is to learn of what is written; opened anew unless given. */
  readonly blobs?: BlobStore;
  /** Threads; at most one less than the machine has cores, and at least 1. Default 1. */
  readonly workers?: number;
}

/** An aggregator with threads of its own; it sums one set at a time, and the others wait. */
export interface ThreadedAggregator extends Aggregator {
  /** Ends the threads; a sum that is under way is rejected. */
  close(): Promise<void>;
}

/**
 * Sums within one machine. A sum that a crash interrupted is continued where it was: its parts depend on nothing but the set. An
 * error is never the fault of a site: a ciphertext that is absent or too short had been whole when it was committed.
 */
export function createAggregator({ root, blobs, workers = 1 }: AggregatorOptions): ThreadedAggregator {
  const threads = Math.max(1, Math.min(workers, availableParallelism() - 1));
  const summing: Summing = {
    blobs: blobs ?? createFileBlobStore(root),
    pool: createWorkerPool(threads, { root }),
    // While one part is written, every thread has one at hand and one to go on with.
    width: 2 * threads,
  };
  const oneAtATime = createSemaphore(1);
  return {
    sum: (task) => oneAtATime.run(() => sumOrFail(summing, task)),
    close: () => summing.pool.close(),
  };
}

interface Summing {
  readonly blobs: BlobStore;
  readonly pool: WorkerPool;
  /** Parts under way at once. */
  readonly width: number;
}

/** Whatever goes wrong is no Refusal: no site has asked for the sum. */
async function sumOrFail(summing: Summing, task: SumTask): Promise<Sum> {
  try {
    return await sumSet(summing, task);
  } catch (cause) {
    const { job, round, attempt } = task.id;
    throw new Error(`the sum of ${job}/${round}-${attempt} failed`, { cause });
  }
}

async function sumSet(summing: Summing, task: SumTask): Promise<Sum> {
  const stored = await hashStored(summing, task);
  const added = await addMissing(summing, task, stored.length);
  const root = toHex(merkleRoot([...stored, ...added])) as Digest;
  return { root, checksums: await checksumsOf(summing, task, root) };
}

/** Leaf hashes of the parts that an earlier run has written. */
async function hashStored({ blobs, pool, width }: Summing, task: SumTask): Promise<Bytes[]> {
  const stored = Math.ceil((await blobs.size(sumName(placeOf(task)))) / PART_BYTES);
  const hash = (index: number) => pool.run({ ...placeOf(task), kind: 'hash', index });
  const leaves: Bytes[] = [];
  for await (const leaf of inOrder({ first: 0, end: stored }, width, hash)) leaves.push(leaf);
  return leaves;
}

/** Adds up and writes the parts from `first`; returns their leaf hashes. */
async function addMissing({ blobs, pool, width }: Summing, task: SumTask, first: number): Promise<Bytes[]> {
  const { members } = task.set;
  const add = (index: number) => pool.run({ ...placeOf(task), kind: 'add', members, index });
  const leaves: Bytes[] = [];
  for await (const { part, leaf } of inOrder({ first, end: partCount(task.chunks) }, width, add)) {
    await blobs.append(sumName(placeOf(task)), (first + leaves.length) * PART_BYTES, part);
    leaves.push(leaf);
  }
  return leaves;
}

async function checksumsOf({ pool, width }: Summing, task: SumTask, root: Digest): Promise<Sum['checksums']> {
  const digests = [task.context, task.set.root, root].map(toDigestBytes);
  const [context, setRoot, sumRoot] = digests as [Bytes, Bytes, Bytes];
  const keys = checksumKeys({ context, setRoot, sumRoot });
  const checksum = (index: number) => pool.run({ ...placeOf(task), kind: 'checksum', index, keys });
  const totals = keys.map(() => 0n);
  for await (const values of inOrder({ first: 0, end: partCount(task.chunks) }, width, checksum)) {
    values.forEach((value, i) => (totals[i] = (totals[i]! + value) % Q));
  }
  const [one, two] = totals.map(encodeChecksumValue) as [string, string];
  return [one, two];
}

function placeOf({ id, set, chunks }: SumTask) {
  return { id, setRoot: set.root, chunks };
}
