// The work on one part of a sum: all that a worker does. Parts are independent of each other.
import {
  CHUNKS_PER_PART,
  createChecksum,
  createWasmKernel,
  encodePart,
  N,
  partBytes,
  PART_BYTES,
  type Bytes,
  type Digest,
  type SiteId,
} from '@blindsum/proto';
import { hashLeaf, nodeKeyStream } from '@blindsum/proto/node';
import type { BlobName, RoundId } from '../ports.ts';
import type { FileBlobStore } from '../storage/file-blob-store.ts';

/** Part `index` (from 0) of the sum over the set with root `setRoot`, of `chunks` chunks in all. */
interface PartOfSum {
  readonly id: RoundId;
  readonly setRoot: Digest;
  readonly chunks: number;
  readonly index: number;
}

export type PartTask =
  /** Add up the part over the members' ciphertexts, and hash it. */
  | (PartOfSum & { readonly kind: 'add'; readonly members: readonly SiteId[] })
  /** Hash the part of the sum that is on disk. */
  | (PartOfSum & { readonly kind: 'hash' })
  /** The contribution of the part on disk to the checksum of the sum under each key. */
  | (PartOfSum & { readonly kind: 'checksum'; readonly keys: readonly Bytes[] });

/** Results by the kind of their task. */
export interface PartResults {
  readonly add: { readonly part: Bytes; readonly leaf: Bytes };
  readonly hash: Bytes;
  readonly checksum: readonly bigint[];
}

/** Where parts are read from. Straight into the kernel's memory: a buffer of its own for every part takes longer than the sum. */
export type PartSource = Pick<FileBlobStore, 'readInto'>;

/** Does tasks one at a time, in the memory of a few parts, however many members there are. */
export interface PartWork {
  run(task: PartTask): Promise<PartResults[PartTask['kind']]>;
}

type AddTask = Extract<PartTask, { kind: 'add' }>;
type ChecksumTask = Extract<PartTask, { kind: 'checksum' }>;

const COEFFICIENTS_PER_PART = PART_BYTES / 8;

/**
 * Works on the ciphertexts and sums in `blobs`. Throws when one is too short. That coefficients are below q and ciphertexts those
 * that were committed is not checked again: a site checks both when it proves the sum.
 */
export function createPartWork(blobs: PartSource): PartWork {
  const kernel = createWasmKernel({ maxCoefficients: 2 * COEFFICIENTS_PER_PART + N });
  const sumBuffer = kernel.allocate(COEFFICIENTS_PER_PART);
  const termBuffer = kernel.allocate(COEFFICIENTS_PER_PART);

  async function add(task: AddTask): Promise<PartResults['add']> {
    const [first, ...others] = task.members;
    if (first === undefined) throw new Error('a sum over nobody');
    const sum = await readPart(blobs, task, ciphertextOf(task, first), sumBuffer);
    for (const member of others) {
      kernel.addInto(sum, await readPart(blobs, task, ciphertextOf(task, member), termBuffer));
    }
    const part = encodePart(sum).slice();
    return { part, leaf: hashLeaf(part) };
  }

  async function hash(task: PartTask): Promise<Bytes> {
    return hashLeaf(encodePart(await readPart(blobs, task, sumName(task), sumBuffer)));
  }

  async function checksum(task: ChecksumTask): Promise<readonly bigint[]> {
    const sum = await readPart(blobs, task, sumName(task), sumBuffer);
    const partial = createChecksum(kernel, nodeKeyStream, task.keys);
    for (let at = 0; at < sum.length; at += N) {
      partial.addChunk(task.index * CHUNKS_PER_PART + at / N, sum.subarray(at, at + N));
    }
    return partial.values();
  }

  return {
    async run(task) {
      switch (task.kind) {
        case 'add':
          return add(task);
        case 'hash':
          return hash(task);
        case 'checksum':
          return checksum(task);
      }
    },
  };
}

/** The sum over a set, by the set's root. */
export function sumName({ id, setRoot }: Pick<PartOfSum, 'id' | 'setRoot'>): BlobName {
  return { id, kind: 'sum', owner: setRoot };
}

function ciphertextOf({ id }: PartOfSum, owner: SiteId): BlobName {
  return { id, kind: 'ciphertext', owner };
}

/** Reads the part into the front of `buffer`, and returns that. */
async function readPart(
  blobs: PartSource,
  { index, chunks }: PartOfSum,
  name: BlobName,
  buffer: BigUint64Array,
): Promise<BigUint64Array> {
  const part = buffer.subarray(0, partBytes(index, chunks) / 8);
  await blobs.readInto(name, index * PART_BYTES, encodePart(part));
  return part;
}
