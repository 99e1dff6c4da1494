// The transparency log in a folder, ready to append to.
import { openFileLogStore } from './file-log-store.ts';
import type { LogKeys } from './log-keys.ts';
import { openSequencer, type Log } from './sequencer.ts';

/** Opens the log in `folder`, or founds one there with its charter. Its origin is the name of its checkpoint key. */
export async function openLog({ folder, keys }: { folder: string; keys: LogKeys }): Promise<Log> {
  return openSequencer(await openFileLogStore(folder), keys);
}
