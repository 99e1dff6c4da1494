// Recovery and ticks that wait for room on the disk: both repeat whatever is still owed.
import type { DiskWatch } from './disk-watch.ts';
import { patient } from './patient.ts';

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
  const step = patient(async () => {
    if (isRecovered) return ticks.tick();
    await ticks.recover();
    isRecovered = true;
  }, disk);
  return async () => {
    await disk.look();
    await step();
  };
}
