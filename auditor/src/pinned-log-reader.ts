// A log as of one checkpoint: it grows while it is read, and everything that is said must be about one tree.
import { Refusal, type Bytes } from '@blindsum/proto';
import type { LogReader } from './log-reader.ts';

export interface PinnedLog {
  readonly reader: LogReader;
  /** The checkpoint's note, as it was read. */
  readonly note: Bytes;
}

/** Reads the checkpoint once and for all. Refuses UNAVAILABLE when there is none. */
export async function pinLog(reader: LogReader): Promise<PinnedLog> {
  const note = await reader.read('checkpoint');
  if (!note) {
    const reason = 'it has no checkpoint, so it is not a log';
    throw new Refusal('UNAVAILABLE', `cannot read ${reader.source}: ${reason}`);
  }
  const read = (path: string) => (path === 'checkpoint' ? Promise.resolve(note) : reader.read(path));
  return { reader: { ...reader, read }, note };
}
