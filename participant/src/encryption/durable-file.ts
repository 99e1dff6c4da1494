// Files that are there as a whole or not at all.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Bytes } from '@blindsum/proto';

/** A file under construction beside its final place. */
export interface DurableFile {
  write(bytes: Bytes): void;
  /** Flushes the file, puts it in its place, in one step and over what was there, and flushes the folder. */
  commit(): void;
  /** Removes what was written; does nothing after a commit. */
  abandon(): void;
}

export function createDurableFile(path: string): DurableFile {
  const partial = `${path}.partial`;
  const descriptor = openSync(partial, 'w', 0o600);
  let isOpen = true;
  const close = () => {
    isOpen = false;
    closeSync(descriptor);
  };
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    },
    commit() {
      fsyncSync(descriptor);
      close();
      renameSync(partial, path);
      flushFolder(dirname(path));
    },
    abandon() {
      if (!isOpen) return;
      close();
      rmSync(partial, { force: true });
    },
  };
}

/** Returns when the names in the folder are on the disk. */
export function flushFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
