// Logs too large to keep every partial tile in memory: of each tile the widest is kept, as in a log that drops what it may.
import { utf8, type Bytes } from '@blindsum/proto';
import { encodeVkey, frontierRoot, signCheckpoint } from '@blindsum/proto/tlog';
import type { LogKeys } from './log-keys.ts';
import { appendEntry, createLogState } from './log-state.ts';

/** The files of a log of these entries, appended by the code that the sequencer appends with; without records. */
export function createLargeLog({ checkpoint }: LogKeys, entries: Iterable<Bytes>): Map<string, Bytes> {
  const widest = new Map<string, readonly [path: string, bytes: Bytes]>();
  let state = createLogState();
  for (const entry of entries) {
    const step = appendEntry(state, entry);
    state = step.state;
    for (const file of step.files) widest.set(file[0].replace(/\.p\/.*$/, ''), file);
  }
  const { key, sign } = checkpoint;
  const { frontier } = state.edge;
  const head = { origin: key.name, size: frontier.size, root: frontierRoot(frontier) };
  return new Map<string, Bytes>([
    ...widest.values(),
    ['log.vkey', utf8(`${encodeVkey(key)}\n`)],
    ['checkpoint', utf8(signCheckpoint(head, key, sign))],
  ]);
}
