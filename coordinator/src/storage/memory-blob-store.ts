// Blobs in memory, for tests and simulations.
import { Refusal, refuseUnless, type Bytes, type JobId } from '@blindsum/proto';
import type { BlobName, BlobStore, StoredBlob } from '../ports.ts';
import { blobPath, parseAttemptFolder, parseBlobFile } from './blob-path.ts';

/** BlobStore without durability. */
export class MemoryBlobStore implements BlobStore {
  /** The appended pieces of each blob, in order. */
  readonly #blobs = new Map<string, readonly Bytes[]>();

  async size(name: BlobName): Promise<number> {
    return sizeOf(this.#pieces(name));
  }

  async append(name: BlobName, offset: number, bytes: Bytes): Promise<void> {
    const pieces = this.#pieces(name);
    const size = sizeOf(pieces);
    refuseUnless(offset === size, 'PART_OUT_OF_ORDER', `offset ${offset} of a blob of ${size} bytes`);
    if (bytes.length > 0) this.#blobs.set(blobPath('', name), [...pieces, bytes.slice()]);
  }

  async read(name: BlobName, offset: number, length: number): Promise<Bytes> {
    const pieces = this.#pieces(name);
    const isThere = offset >= 0 && length >= 0 && offset + length <= sizeOf(pieces);
    if (!isThere)
      throw new Refusal('NOT_FOUND', `${name.kind} of ${name.owner}: ${length} bytes at ${offset}`);
    const target = new Uint8Array(length);
    let start = -offset;
    for (const piece of pieces) {
      if (start < length && start + piece.length > 0)
        target.set(piece.subarray(Math.max(0, -start), length - start), Math.max(0, start));
      start += piece.length;
    }
    return target;
  }

  async remove(name: BlobName): Promise<void> {
    this.#blobs.delete(blobPath('', name));
  }

  async list(job: JobId, round?: number): Promise<StoredBlob[]> {
    return [...this.#blobs].flatMap(([path, pieces]) => {
      const [of, folder = '', file = ''] = path.split('/');
      const id = of === job ? parseAttemptFolder(job, folder) : undefined;
      const name = id && parseBlobFile(id, file);
      const isAsked = name && (round === undefined || name.id.round === round);
      return isAsked ? [{ name, bytes: sizeOf(pieces) }] : [];
    });
  }

  #pieces(name: BlobName): readonly Bytes[] {
    return this.#blobs.get(blobPath('', name)) ?? [];
  }
}

function sizeOf(pieces: readonly Bytes[]): number {
  return pieces.reduce((size, piece) => size + piece.length, 0);
}
