// Blobs as files, placed by blob-path.ts and laid out by blob-file.ts. One process at a time may write under a root; any number
// may read.
import { constants } from 'node:fs';
import { mkdir, open, readdir, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseJobId, Refusal, refuseUnless, type Bytes, type JobId } from '@blindsum/proto';
import type { BlobName, BlobStore, RoundId, StoredBlob } from '../ports.ts';
import { appendBytes, readBytes, readBytesInto, readCount } from './blob-file.ts';
import { blobPath, parseAttemptFolder, parseBlobFile } from './blob-path.ts';
import { createSemaphore, type Semaphore } from './semaphore.ts';

export interface FileBlobStoreOptions {
  /** Operations beyond this number wait. Default 64. */
  readonly maxOpenFiles?: number;
}

const DEFAULT_MAX_OPEN_FILES = 64;
const { O_CREAT, O_RDONLY, O_RDWR } = constants;

/** Blobs in files, which can also be read without allocating. */
export interface FileBlobStore extends BlobStore {
  /** Fills `target` with the bytes from `offset`; NOT_FOUND if there are fewer. */
  readInto(name: BlobName, offset: number, target: Bytes): Promise<void>;
}

/** Keeps blobs under the directory `root`, which is made when it is first needed. */
export function createFileBlobStore(root: string, options: FileBlobStoreOptions = {}): FileBlobStore {
  return new Files(root, options.maxOpenFiles ?? DEFAULT_MAX_OPEN_FILES);
}

class Files implements FileBlobStore {
  readonly #root: string;
  readonly #openFiles: Semaphore;
  /** The last write to each path that is under way. */
  readonly #writes = new Map<string, Promise<void>>();
  /** Paths whose bytes and names this process has seen on the disk: whoever wrote them may have been killed before it flushed them. */
  readonly #flushed = new Set<string>();

  constructor(root: string, maxOpenFiles: number) {
    this.#root = root;
    this.#openFiles = createSemaphore(maxOpenFiles);
  }

  async size(name: BlobName): Promise<number> {
    const path = blobPath(this.#root, name);
    const count = await this.#count(path);
    // Who is told of bytes will not send them again.
    if (count > 0) await this.#flush(path);
    return count;
  }

  async append(name: BlobName, offset: number, bytes: Bytes): Promise<void> {
    const path = blobPath(this.#root, name);
    await this.#inTurn(path, () => this.#append(path, offset, bytes));
  }

  async read(name: BlobName, offset: number, length: number): Promise<Bytes> {
    const path = blobPath(this.#root, name);
    const bytes = await this.#withFile(path, O_RDONLY, (file) => readBytes(file, offset, length));
    if (!bytes) throw notFound(name, offset, length);
    return bytes;
  }

  async readInto(name: BlobName, offset: number, target: Bytes): Promise<void> {
    const path = blobPath(this.#root, name);
    const isThere = await this.#withFile(path, O_RDONLY, (file) => readBytesInto(file, offset, target));
    if (isThere !== true) throw notFound(name, offset, target.length);
  }

  async remove(name: BlobName): Promise<void> {
    const path = blobPath(this.#root, name);
    this.#flushed.delete(path);
    await this.#inTurn(path, () => absentIfMissing(unlink(path)));
  }

  async list(job: JobId, round?: number): Promise<StoredBlob[]> {
    const folder = join(this.#root, parseJobId(job));
    const attempts = (await filesIn(folder))
      .map((name) => parseAttemptFolder(job, name))
      .filter((id) => id !== undefined && (round === undefined || id.round === round));
    return (await Promise.all(attempts.map((id) => this.#listAttempt(id!)))).flat();
  }

  async #listAttempt(id: RoundId): Promise<StoredBlob[]> {
    const folder = join(this.#root, id.job, `${id.round}-${id.attempt}`);
    const names = (await filesIn(folder)).map((file) => parseBlobFile(id, file));
    return Promise.all(
      names
        .filter((name) => name !== undefined)
        .map(async (name) => ({ name, bytes: await this.#count(blobPath(this.#root, name)) })),
    );
  }

  async #append(path: string, offset: number, bytes: Bytes): Promise<void> {
    const isFirst = offset === 0;
    if (isFirst) await mkdir(dirname(path), { recursive: true });
    const appended = await this.#withFile(path, isFirst ? O_RDWR | O_CREAT : O_RDWR, async (file) => {
      await appendBytes(file, offset, bytes);
      return true;
    });
    refuseUnless(appended === true, 'PART_OUT_OF_ORDER', `offset ${offset} of a blob of 0 bytes`);
    await this.#flush(path);
  }

  async #count(path: string): Promise<number> {
    return (await this.#withFile(path, O_RDONLY, readCount)) ?? 0;
  }

  /**
   * Once for each path: its bytes, and its name in the directories above it, which may be as young. A file without a durable name
   * is lost in a power cut.
   */
  async #flush(path: string): Promise<void> {
    if (this.#flushed.has(path)) return;
    const round = dirname(path);
    for (const place of [path, round, dirname(round), this.#root, dirname(this.#root)]) {
      await this.#withFile(place, O_RDONLY, (handle) => handle.sync());
    }
    this.#flushed.add(path);
  }

  /** What `use` returns, or undefined if there is no such file. */
  async #withFile<T>(
    path: string,
    flags: number,
    use: (file: FileHandle) => Promise<T>,
  ): Promise<T | undefined> {
    return this.#openFiles.run(async () => {
      const file = await absentIfMissing(open(path, flags));
      if (!file) return undefined;
      try {
        return await use(file);
      } finally {
        await file.close();
      }
    });
  }

  /** Runs `write` after the writes to the same path that were asked for before, whether they succeeded or not. */
  async #inTurn(path: string, write: () => Promise<void>): Promise<void> {
    const before = this.#writes.get(path) ?? Promise.resolve();
    const mine = before.then(write, write);
    this.#writes.set(path, mine);
    try {
      await mine;
    } finally {
      if (this.#writes.get(path) === mine) this.#writes.delete(path);
    }
  }
}

function notFound({ kind, owner }: BlobName, offset: number, length: number): Refusal {
  return new Refusal('NOT_FOUND', `${kind} of ${owner}: ${length} bytes at ${offset}`);
}

/** Names of what is in a folder, which need not be there. */
async function filesIn(folder: string): Promise<string[]> {
  return (await absentIfMissing(readdir(folder))) ?? [];
}

async function absentIfMissing<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
