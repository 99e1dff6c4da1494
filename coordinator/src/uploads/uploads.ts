// Resumable uploads, whatever carries them: parts of 1 MiB, in order, checked and on disk before their offset is acknowledged.
import {
  CHUNK_BYTES,
  parsePart,
  PART_BYTES,
  Refusal,
  refuseUnless,
  toHex,
  type Bytes,
  type Digest,
} from '@blindsum/proto';
import { hashLeaf } from '@blindsum/proto/node';
import { inclusionProof, merkleRoot } from '@blindsum/proto/tlog';
import type { BlobStore } from '../ports.ts';
import { createLeafCache, type LeafCache } from './leaf-cache.ts';
import { createUploadStreams, type ReadNext, type UploadStreams } from './upload-streams.ts';
import type { UploadQuota } from './upload-quota.ts';
import { recordCount, targetKey, type UploadTarget } from './upload-target.ts';

export interface UploadsOptions {
  readonly blobs: BlobStore;
  /** Without one, as much is taken as is sent. */
  readonly quota?: UploadQuota;
  /** Streams received at once; one more is refused (BUSY). Default 16. */
  readonly maxStreams?: number;
  /** Leaf hashes kept in memory. Default 65536: of 64 GiB of ciphertext. */
  readonly maxLeaves?: number;
  /** Told how far a blob has come, after each part. */
  readonly progressed?: (target: UploadTarget, bytes: number) => void;
}

/** What the sender says of its stream. */
export interface UploadHeader {
  /** Bytes of the whole blob. */
  readonly size: number;
  /** Where the stream starts. */
  readonly offset: number;
}

/** A leaf of a blob's root. */
export interface ProvenRecord {
  readonly record: Bytes;
  /** RFC 6962 inclusion proof of the record in the blob's root. */
  readonly proof: readonly Bytes[];
}

/**
 * Receives what sites upload. All state is in the blob store. The caller has checked who sends, and that the round still takes it.
 */
export interface Uploads {
  /** Bytes on disk: a multiple of 1 MiB, or the whole size. */
  status(target: UploadTarget): Promise<number>;
  /**
   * Receives `parts`, each of 1 MiB but the last of the blob, and returns the bytes on disk when they end, which may be before
   * the blob does. Refuses PART_BAD_LENGTH for another size than the target's and for a part of another length,
   * PART_OUT_OF_ORDER unless `offset` is the status, PART_OUT_OF_RANGE for a ciphertext coefficient >= q, QUOTA_EXCEEDED
   * for what the quota has no room for, and BUSY when too many streams are open or another one for the same blob takes over. The parts before a refused one stay. Parts must not
   * change until the next one is asked for.
   */
  receive(target: UploadTarget, header: UploadHeader, parts: AsyncIterable<Bytes>): Promise<number>;
  /** RFC 6962 root over the records of the blob. Refuses PART_OUT_OF_ORDER until the blob is whole. */
  root(target: UploadTarget): Promise<Digest>;
  /** Record `index` with its proof; refuses NOT_FOUND unless there is one and the blob is whole. */
  readRecord(target: UploadTarget, index: number): Promise<ProvenRecord>;
  /** Forgets the blob, so that its site can start again: for one whose root is not the committed one. */
  discard(target: UploadTarget): Promise<void>;
}

const DEFAULT_MAX_STREAMS = 16;
const DEFAULT_MAX_LEAVES = 65536;

export function createUploads(options: UploadsOptions): Uploads {
  return new BlobUploads(options);
}

interface IncomingParts {
  readonly iterator: AsyncIterator<Bytes>;
  readonly readNext: ReadNext;
}

class BlobUploads implements Uploads {
  readonly #blobs: BlobStore;
  readonly #quota: UploadQuota | undefined;
  readonly #streams: UploadStreams;
  readonly #leafCache: LeafCache;
  readonly #progressed: UploadsOptions['progressed'];

  constructor({ blobs, quota, maxStreams, maxLeaves, progressed }: UploadsOptions) {
    this.#progressed = progressed;
    this.#blobs = blobs;
    this.#quota = quota;
    this.#streams = createUploadStreams(maxStreams ?? DEFAULT_MAX_STREAMS);
    this.#leafCache = createLeafCache(maxLeaves ?? DEFAULT_MAX_LEAVES);
  }

  status(target: UploadTarget): Promise<number> {
    return this.#blobs.size(target);
  }

  async receive(target: UploadTarget, header: UploadHeader, parts: AsyncIterable<Bytes>): Promise<number> {
    const { size, offset } = header;
    refuseUnless(size === target.size, 'PART_BAD_LENGTH', `a blob of ${size} bytes, not ${target.size}`);
    return this.#streams.run(targetKey(target), async (readNext) => {
      const committed = await this.status(target);
      const detail = `a stream from byte ${offset} of a blob of which ${committed} are here`;
      refuseUnless(offset === committed, 'PART_OUT_OF_ORDER', detail);
      const room = await this.#quota?.hold(target);
      try {
        const stream = { iterator: parts[Symbol.asyncIterator](), readNext };
        return await this.#receiveParts(target, committed, stream);
      } finally {
        room?.release();
      }
    });
  }

  async root(target: UploadTarget): Promise<Digest> {
    const committed = await this.status(target);
    refuseUnless(
      committed === target.size,
      'PART_OUT_OF_ORDER',
      `${committed} of ${target.size} bytes are here`,
    );
    return toHex(merkleRoot(await this.#leaves(target))) as Digest;
  }

  async readRecord(target: UploadTarget, index: number): Promise<ProvenRecord> {
    const exists = Number.isInteger(index) && index >= 0 && index < recordCount(target);
    if (!exists || (await this.status(target)) !== target.size) {
      throw new Refusal('NOT_FOUND', `record ${index} of the ${target.kind} of ${target.owner}`);
    }
    const record = await this.#read(target, index);
    return { record, proof: inclusionProof(await this.#leaves(target), index) };
  }

  async discard(target: UploadTarget): Promise<void> {
    await this.#streams.stop(targetKey(target));
    this.#leafCache.delete(targetKey(target));
    await this.#blobs.remove(target);
  }

  async #receiveParts(target: UploadTarget, offset: number, stream: IncomingParts): Promise<number> {
    const leaves = this.#leavesOfParts(target, offset);
    let committed = offset;
    try {
      for (;;) {
        const next = await stream.readNext(stream.iterator);
        if (next.done) return committed;
        verifyPart(target, committed, next.value);
        await this.#quota?.verifySpace();
        const written = this.#blobs.append(target, committed, next.value);
        leaves?.push(hashLeaf(next.value));
        await written;
        committed += next.value.length;
        this.#progressed?.(target, committed);
      }
    } finally {
      if (leaves) this.#leafCache.set(targetKey(target), leaves.slice(0, Math.ceil(committed / PART_BYTES)));
      close(stream.iterator);
    }
  }

  /** Where the parts are the records: their hashes up to `offset`, unless a restart has lost them. */
  #leavesOfParts(target: UploadTarget, offset: number): Bytes[] | undefined {
    if (target.recordBytes !== PART_BYTES) return undefined;
    const known = this.#leafCache.get(targetKey(target)) ?? [];
    return known.length === Math.ceil(offset / PART_BYTES) ? [...known] : undefined;
  }

  /** The hashes of all records of a whole blob. */
  async #leaves(target: UploadTarget): Promise<readonly Bytes[]> {
    const known = this.#leafCache.get(targetKey(target));
    if (known?.length === recordCount(target)) return known;
    const leaves: Bytes[] = [];
    for (let index = 0; index < recordCount(target); index++) {
      leaves.push(hashLeaf(await this.#read(target, index)));
    }
    this.#leafCache.set(targetKey(target), leaves);
    return leaves;
  }

  #read(target: UploadTarget, index: number): Promise<Bytes> {
    const offset = index * target.recordBytes;
    return this.#blobs.read(target, offset, Math.min(target.recordBytes, target.size - offset));
  }
}

/** A part as it must be at byte `offset` of the blob. */
function verifyPart({ kind, size }: UploadTarget, offset: number, part: Bytes): void {
  const expected = Math.min(PART_BYTES, size - offset);
  const index = Math.floor(offset / PART_BYTES);
  const isLength = part.length === expected && expected > 0;
  refuseUnless(isLength, 'PART_BAD_LENGTH', `part ${index}: ${part.length} bytes, not ${expected}`);
  if (kind === 'ciphertext') parsePart(part, { index, chunks: size / CHUNK_BYTES });
}

/** Not awaited: an iterator that waits for its sender returns when the sender does. What it still throws is about a stream that ended. */
function close(iterator: AsyncIterator<Bytes>): void {
  iterator.return?.().catch(() => {});
}
