// Work that is repeated anyway waits for room on the disk instead of ending the process.
import type { DiskWatch } from './disk-watch.ts';
import { isLogStopped } from '../log/stopped-log.ts';
import { isDiskFull } from './full-disk.ts';

/** `work`, of which an error that comes from a full disk is noted only, and one of a stopped log not even that. Any other error stays one. */
export function patient(work: () => Promise<void>, disk: Pick<DiskWatch, 'noteFull'>): () => Promise<void> {
  return async () => {
    try {
      await work();
    } catch (error) {
      // What a stopped log does not take stays owed, whatever happens here.
      if (isLogStopped(error)) return;
      if (!isDiskFull(error)) throw error;
      disk.noteFull();
    }
  };
}
