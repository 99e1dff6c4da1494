// Whose log the files are.
import { isEqualBytes, Refusal, utf8 } from '@blindsum/proto';
import type { LogStore } from './log-store.ts';

const VKEY = 'log.vkey';

/**
 * Writes down the key of a log that is founded. Refuses CONFIG_INVALID where there is one of another key: a log has one key for life,
 * because another one would sign checkpoints that no verifier of this log accepts.
 */
export async function claimFolder(store: Pick<LogStore, 'read' | 'create'>, vkey: string): Promise<void> {
  const line = utf8(`${vkey}\n`);
  // A log that is there is opened without a write: also on a full disk.
  if (!(await store.read(VKEY))) await store.create(VKEY, line);
  const found = await store.read(VKEY);
  if (!found || !isEqualBytes(found, line))
    throw new Refusal('CONFIG_INVALID', `the log belongs to another key: ${VKEY} is not ${vkey}`);
}
