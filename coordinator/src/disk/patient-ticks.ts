// Recovery and ticks that wait for room on the disk instead of ending the process: both repeat whatever is still owed.
import { isDiskFull } from './full-disk.ts';
import type { DiskWatch } from './disk-watch.ts';

export interface Ticks {
  recover(): Promise<void>;
  tick(): Promise<void>;
}

/** One call recovers, until that has succeeded once; later ones tick. An error that comes from a full disk is noted only. */
export function createPatientTicks(
  ticks: Ticks,
  disk: Pick<DiskWatch, 'look' | 'noteFull'>,
): () => Promise<void> {
  let isRecovered = false;
  const step = async (): Promise<void> => {
    if (isRecovered) return ticks.tick();
    await ticks.recover();
    isRecovered = true;
  };
  return async () => {
    await disk.look();
    try {
      await step();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      disk.noteFull();
    }
  };
}
