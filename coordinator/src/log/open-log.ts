// The transparency log in a folder, ready to append to.
import type { CosigningRule } from '@blindsum/proto/tlog';
import { openFileLogStore } from './file-log-store.ts';
import type { LogKeys } from './log-keys.ts';
import { openSequencer, type Log } from './sequencer.ts';

/** Opens the log in `folder`, or founds one there, whose charter has the rule `cosigning`. Its origin is the name of its checkpoint key. */
export async function openLog({
  folder,
  keys,
  cosigning,
}: {
  folder: string;
  keys: LogKeys;
  cosigning?: CosigningRule;
}): Promise<Log> {
  return openSequencer(await openFileLogStore(folder), keys, cosigning);
}
