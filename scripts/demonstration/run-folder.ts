// Where a run puts its files, and where its results go.
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from './arguments.ts';

/**
 * A fresh temporary folder named after `purpose`, or the one that was asked for: made if it is not there; throws a UsageError
 * if it is not empty.
 */
export async function openFolder(out: string | undefined, purpose: string): Promise<string> {
  if (out === undefined) return mkdtemp(join(tmpdir(), `blindsum-${purpose}-`));
  await mkdir(out, { recursive: true });
  if ((await readdir(out)).length > 0) throw new UsageError(`--out: ${out} is not empty`);
  return out;
}

/** Writes a result to `path`, whose folder is made if it is not there. */
export async function writeResult(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
