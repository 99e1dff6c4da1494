// Where an export goes: a folder, or one zip file of it, which has the same bytes whenever and wherever it is made.
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import { ZipFile } from 'yazl';

/** DOS knows no time before; it is written in local time, and so is this. */
const FIRST_DAY = new Date(1980, 0, 1);
const MODE = 0o100644;

export interface ExportTarget {
  readonly write: (path: string, bytes: Bytes) => Promise<void>;
  /** Puts the whole of it in its place. */
  readonly finish: () => Promise<void>;
  /** Removes what has been written of it. */
  readonly drop: () => Promise<void>;
}

/**
 * Writes to `path`, which must not be there. Until it is finished, everything is in a folder beside it. Refuses CONFIG_INVALID when
 * something is there, UNAVAILABLE when nothing can be written.
 */
export async function openExportTarget(path: string, isZip: boolean): Promise<ExportTarget> {
  refuseUnless(!(await isThere(path)), 'CONFIG_INVALID', `--to: ${path} is there already`);
  const folder = `${path}.part`;
  const drop = () => rm(folder, { recursive: true, force: true });
  await named(
    path,
    drop().then(() => mkdir(folder, { recursive: true })),
  );
  return {
    write: (file, bytes) => named(path, writeInto(folder, file, bytes)),
    finish: () => named(path, isZip ? zip(folder, path).then(drop) : rename(folder, path)),
    drop,
  };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function writeInto(folder: string, file: string, bytes: Bytes): Promise<void> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** Files in the order of their names, not compressed: what a compressor makes of them depends on its version. */
async function zip(folder: string, path: string): Promise<void> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const file = new ZipFile();
  for (const name of names.sort())
    file.addFile(join(folder, name), name, {
      mtime: FIRST_DAY,
      mode: MODE,
      compress: false,
      forceDosTimestamp: true,
    });
  file.end();
  const whole = `${folder}.zip`;
  await pipeline(file.outputStream, createWriteStream(whole));
  await rename(whole, path);
}

async function named<T>(path: string, done: Promise<T>): Promise<T> {
  return done.catch((cause: unknown) => {
    throw new Refusal('UNAVAILABLE', `cannot write ${path}: ${toSystemFault(cause)}`, { cause });
  });
}
