// Copies that are on disk, readable by their owner only, and hashed on the way.
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rmdir, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Refusal, type Bytes, type Digest } from '@blindsum/proto';
import { isErrno } from '../log/durable-file.ts';

const BLOCK_BYTES = 1 << 20;
const OWNER_ONLY = 0o600;
const FOLDER_OWNER_ONLY = 0o700;

export interface Copied {
  readonly bytes: number;
  readonly sha256: Digest;
}

/** Copies a file to where none is, and makes the folders above it. Throws ENOENT if there is none to copy. */
export async function copyHashed(from: string, to: string): Promise<Copied> {
  const source = await open(from, 'r');
  try {
    return await writeHashed(to, blocksOf(source));
  } finally {
    await source.close();
  }
}

/** Writes a file where none is. */
export async function writeNew(to: string, bytes: Bytes): Promise<Copied> {
  return writeHashed(to, [bytes]);
}

async function writeHashed(to: string, blocks: AsyncIterable<Bytes> | Iterable<Bytes>): Promise<Copied> {
  await mkdir(dirname(to), { recursive: true, mode: FOLDER_OWNER_ONLY });
  const target = await open(to, 'wx', OWNER_ONLY);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const block of blocks) {
      hash.update(block);
      await target.writeFile(block);
      bytes += block.length;
    }
    await target.sync();
  } finally {
    await target.close();
  }
  return { bytes, sha256: hash.digest('hex') as Digest };
}

async function* blocksOf(source: FileHandle): AsyncGenerator<Bytes> {
  for (let position = 0; ;) {
    const block = new Uint8Array(BLOCK_BYTES);
    const { bytesRead } = await source.read(block, 0, BLOCK_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}

/** Paths of the files under `folder`, relative to it, in order; none if it is not there. */
export async function listFiles(folder: string, prefix = ''): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
  const paths: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) paths.push(...(await listFiles(folder, path)));
    else if (entry.isFile()) paths.push(path);
  }
  return paths;
}

/** True if nothing is at `path`, or an empty folder. */
export async function isVacant(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length === 0;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return true;
    if (isErrno(error, 'ENOTDIR')) return false;
    throw error;
  }
}

/** Gives a finished folder its name, where nothing or an empty folder is; returns when that is on disk. Refuses CONFIG_INVALID. */
export async function putInPlace(finished: string, path: string): Promise<void> {
  await syncFolders(finished);
  if (!(await isVacant(path)))
    throw new Refusal('CONFIG_INVALID', `${path} is not empty: move it away first`);
  await rmdir(path).catch((error: unknown) => {
    if (!isErrno(error, 'ENOENT')) throw error;
  });
  await rename(finished, path);
  await syncFolder(dirname(path));
}

async function syncFolders(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await syncFolders(join(folder, entry.name));
  await syncFolder(folder);
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
