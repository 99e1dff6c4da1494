// Files that are either there with all their bytes, across a power cut, or not there.
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bytes } from '@blindsum/proto';

/** Where and how a file is written. */
export interface DurableFile {
  readonly path: string;
  readonly bytes: Bytes;
  /** Folder on the same file system for files under way. */
  readonly temporaryFolder: string;
  /** Permissions; 0o644 unless given. */
  readonly mode?: number;
}

/** Writes a file whether or not it is there; returns when file and folder are on disk. */
export async function replaceDurably(file: DurableFile): Promise<void> {
  const temporary = await writeTemporary(file);
  try {
    await inParallel(rename(temporary.path, file.path), temporary.close());
  } catch (error) {
    await rm(temporary.path, { force: true });
    throw error;
  }
  await syncFolder(dirname(file.path));
}

/** Writes a file that is not there, or returns false; of two processes one gets true. */
export async function createDurably(file: DurableFile): Promise<boolean> {
  const temporary = await writeTemporary(file);
  try {
    await inParallel(link(temporary.path, file.path), temporary.close());
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    // The folder also for a file that another process has just linked: it is durable before anybody builds on it.
    await inParallel(syncFolder(dirname(file.path)), rm(temporary.path));
  }
}

/** Removes a file, if it is there; returns when its name is gone from the disk, also one that an earlier process removed and was killed before. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  try {
    await syncFolder(dirname(path));
  } catch (error) {
    // Without a folder there is no file in it.
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

/**
 * Makes a folder and its parents; returns when their names are on disk, from `top` down: also those that an earlier process made
 * and was killed before it flushed them.
 */
export async function makeFolderDurably(path: string, top = path): Promise<void> {
  const first = (await mkdir(path, { recursive: true })) ?? path;
  const length = Math.min(first.length, top.length);
  for (let folder = path; folder.length >= length; folder = dirname(folder))
    await syncFolder(dirname(folder));
}

/**
 * Returns when every name in the folder and in those below it is on disk: also of files that an earlier process put in their place
 * and was killed before it flushed the folder. What is found there may be built on.
 */
export async function flushFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await flushFolders(join(folder, entry.name));
  await syncFolder(folder);
}

/** True for a system error with this code. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** A file whose bytes are on disk, under a name that nobody looks at. */
interface Temporary {
  readonly path: string;
  close(): Promise<void>;
}

async function writeTemporary({ bytes, temporaryFolder, mode = 0o644 }: DurableFile): Promise<Temporary> {
  const path = join(temporaryFolder, randomBytes(12).toString('hex'));
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    // On a full disk, what failed must not take the room that the next attempt needs.
    await rm(path, { force: true });
    await handle.close();
    throw error;
  }
  return { path, close: () => handle.close() };
}

/** Each call to the disk is a wait of its own on a busy machine. When one fails, none is under way any more. */
async function inParallel(...calls: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(calls)) if (result.status === 'rejected') throw result.reason;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
