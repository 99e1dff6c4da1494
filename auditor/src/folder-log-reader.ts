import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal, type Bytes } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import { MAX_FILE_BYTES, type LogReader } from './log-reader.ts';

/** Reads the log in `folder`. Refuses UNAVAILABLE unless that is a folder. */
export async function openFolderLogReader(folder: string): Promise<LogReader> {
  const found = await stat(folder).catch((cause: unknown) => {
    throw new Refusal('UNAVAILABLE', `cannot read ${folder}: there is no such folder`, { cause });
  });
  if (!found.isDirectory()) throw new Refusal('UNAVAILABLE', `cannot read ${folder}: it is not a folder`);
  return {
    source: folder,
    read: (path) => readFileIfThere(join(folder, path)),
    listTiles: () => listFiles(folder, 'tile'),
  };
}

async function readFileIfThere(path: string): Promise<Bytes | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const { size } = await handle.stat();
    if (size > MAX_FILE_BYTES) throw new Error(`it has ${size} bytes`);
    return new Uint8Array(await handle.readFile());
  } catch (cause) {
    if (isAbsent(cause)) return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal('UNAVAILABLE', `cannot read ${path}: ${reason}`, { cause });
  } finally {
    await handle?.close();
  }
}

async function listFiles(folder: string, under: string): Promise<string[]> {
  try {
    const found = await readdir(join(folder, under), { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => !entry.isDirectory());
    return files.map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length)).sort();
  } catch (cause) {
    if (isAbsent(cause)) return [];
    throw new Refusal('UNAVAILABLE', `cannot list ${join(folder, under)}: ${toSystemFault(cause)}`, {
      cause,
    });
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
