// Room on the file system of the state directory.
import { statfs } from 'node:fs/promises';
import type { Clock } from '../ports.ts';

/** Asks a file system how much room it has. */
export interface DiskSpace {
  /** Bytes that this process may still write, as of at most a second ago. */
  freeBytes(): Promise<number>;
}

const KEPT_MS = 1000;

/** Of the file system that holds `folder`, which must be there. */
export function createDiskSpace(folder: string, clock: Clock): DiskSpace {
  let known: { readonly atMs: number; readonly free: Promise<number> } | undefined;
  return {
    freeBytes() {
      const nowMs = clock.nowMs();
      // A clock that was set back must not keep an old answer.
      if (!known || nowMs - known.atMs >= KEPT_MS || nowMs < known.atMs)
        known = { atMs: nowMs, free: measure(folder) };
      return known.free;
    },
  };
}

async function measure(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder, { bigint: true });
  return Number(bavail * bsize);
}
