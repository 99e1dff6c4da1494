// What the sequencer needs from storage.
import type { Bytes } from '@blindsum/proto';
import type { LogFiles } from './log-state.ts';

/**
 * The files of one log, by path (`checkpoint`, `tile/0/000.p/5`, ...). A write is durable once it returns, and readers
 * see all of it or nothing; one that throws may or may not have happened. What was written before is seen by every later
 * call, also from other processes. Implementations retry transient faults themselves.
 */
export interface LogStore {
  /** The bytes at `path`, or undefined when nothing was written there. */
  read(path: string): Promise<Bytes | undefined>;
  /** Writes where nothing is yet. Returns false, and changes nothing, if something is: of two callers one gets true. */
  create(path: string, bytes: Bytes): Promise<boolean>;
  /** Writes, whether or not something is there. */
  replace(path: string, bytes: Bytes): Promise<void>;
  /** Removes what is there, if anything is. */
  remove(path: string): Promise<void>;
}

/** Writes files of which none counts before something else is written: all at once. When one fails, none is under way any more. */
export async function replaceAll(store: LogStore, files: LogFiles): Promise<void> {
  const written = await Promise.allSettled(files.map(([path, bytes]) => store.replace(path, bytes)));
  for (const result of written) if (result.status === 'rejected') throw result.reason;
}
