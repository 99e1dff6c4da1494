// A whole small file, durable once this returns, and never half-written.
import type { Bytes } from '@blindsum/proto';
import { createDurableFile } from './encryption/durable-file.ts';

/** Replaces what is at `path`, in one step; readable by the owner only. The folder must exist. */
export function writeDurably(path: string, bytes: Bytes): void {
  const file = createDurableFile(path);
  try {
    file.write(bytes);
    file.commit();
  } finally {
    file.abandon();
  }
}
