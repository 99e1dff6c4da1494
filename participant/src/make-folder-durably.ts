// Folders that are still there after a power cut.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { flushFolder } from './encryption/durable-file.ts';

/**
 * Makes the folder `path` below `root`, which is there; readable by the owner only. Once this returns, every name on the way is
 * on the disk, also one that an earlier process made and was killed before it could flush it.
 */
export function makeFolderDurably(root: string, path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  for (let folder = path; folder !== root && folder !== dirname(folder); folder = dirname(folder))
    flushFolder(dirname(folder));
}
