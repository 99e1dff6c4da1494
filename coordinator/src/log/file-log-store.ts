// The log as files, in the layout that C2SP tlog-tiles serves: any static file server can publish the folder.
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bytes } from '@blindsum/proto';
import {
  createDurably,
  flushFolders,
  isErrno,
  makeFolderDurably,
  removeDurably,
  replaceDurably,
  type DurableFile,
} from './durable-file.ts';
import type { LogStore } from './log-store.ts';

const TEMPORARY = 'tmp';

/** A LogStore in `folder`, which is made if it is not there. Removes what a crash left half-written. */
export async function openFileLogStore(folder: string): Promise<LogStore> {
  const temporaryFolder = join(folder, TEMPORARY);
  await rm(temporaryFolder, { recursive: true, force: true });
  await makeFolderDurably(temporaryFolder, folder);
  await flushFolders(folder);
  return new FileLogStore(folder, temporaryFolder);
}

class FileLogStore implements LogStore {
  readonly #folder: string;
  readonly #temporaryFolder: string;
  readonly #knownFolders = new Set<string>();

  constructor(folder: string, temporaryFolder: string) {
    this.#folder = folder;
    this.#temporaryFolder = temporaryFolder;
  }

  async read(path: string): Promise<Bytes | undefined> {
    try {
      return new Uint8Array(await readFile(join(this.#folder, path)));
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async create(path: string, bytes: Bytes): Promise<boolean> {
    return createDurably(await this.#toFile(path, bytes));
  }

  async replace(path: string, bytes: Bytes): Promise<void> {
    await replaceDurably(await this.#toFile(path, bytes));
  }

  async remove(path: string): Promise<void> {
    await removeDurably(join(this.#folder, path));
  }

  async #toFile(path: string, bytes: Bytes): Promise<DurableFile> {
    const file = { path: join(this.#folder, path), bytes, temporaryFolder: this.#temporaryFolder };
    const folder = dirname(file.path);
    if (!this.#knownFolders.has(folder)) await makeFolderDurably(folder, this.#folder);
    this.#knownFolders.add(folder);
    return file;
  }
}
