// A real file system of a few megabytes, where the machine allows to mount one.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly path: string;
  /** Takes all room but this many bytes, in whole pages. */
  fill(leftBytes?: number): void;
  /** Gives back what `fill` took. */
  makeRoom(): void;
  freeBytes(): number;
  remove(): void;
}

const MAX_ATTEMPTS = 20;

/** Mounts a disk of `bytes` for the rest of the process; undefined where that is not allowed. */
export function mountSmallDisk(bytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'bs-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'blindsum-test', path], { stdio: 'ignore' });
  } catch {
    rmdirSync(path);
    return undefined;
  }
  const filler = join(path, 'filler');
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  // Whoever else writes to the disk meanwhile may take some of the room that was counted: then it is counted again.
  const fill = (leftBytes = 0): void => {
    for (let attempts = 1; ; attempts++) {
      rmSync(filler, { force: true });
      try {
        return writeFileSync(filler, new Uint8Array(Math.max(0, freeBytes() - leftBytes)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC' || attempts === MAX_ATTEMPTS) throw error;
      }
    }
  };
  return {
    path,
    freeBytes,
    fill,
    makeRoom: () => rmSync(filler, { force: true }),
    remove: () => {
      execFileSync('umount', ['--lazy', path]);
      rmdirSync(path);
    },
  };
}

/** For `test`'s `skip` option. */
export const NO_SMALL_DISK = 'this machine mounts no small file system (needs root on Linux)';
