// Files that a program writes for people to go on with, and never over what is there.
import { mkdir, writeFile } from 'node:fs/promises';
import { Refusal } from '../src/refusal.ts';
import { toSystemFault } from './system-fault.ts';

/** Makes the folder unless it is there. Refuses CONFIG_INVALID. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw new Refusal('CONFIG_INVALID', `${path}: cannot be made (${toSystemFault(cause)})`, { cause });
  });
}

/** Writes a file, mode 0644, that is not there yet. Refuses CONFIG_INVALID. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx', mode: 0o644 }).catch((cause: NodeJS.ErrnoException) => {
    const isThere = cause.code === 'EEXIST';
    const why = isThere
      ? 'is there already, and was left as it is'
      : `cannot be written (${toSystemFault(cause)})`;
    throw new Refusal('CONFIG_INVALID', `${path}: ${why}`, { cause });
  });
}
