// One agent to a state directory: two would overwrite each other's files.
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { Refusal } from '@blindsum/proto';

const SQLITE_BUSY = 5;

export interface StateLock {
  release(): void;
}

/**
 * Holds a lock that the system releases when the process ends, however it ends. Refuses CONFIG_INVALID while another process
 * holds it.
 */
export function lockState(stateDirectory: string): StateLock {
  const database = new DatabaseSync(join(stateDirectory, 'agent.lock'));
  try {
    // Long enough for whoever only asks (isLocked), who holds it for less than a millisecond.
    database.exec('PRAGMA busy_timeout = 500; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new Refusal('CONFIG_INVALID', `${stateDirectory}: another blindsum-site is running on it`, {
      cause,
    });
  }
  return { release: () => database.close() };
}

/** Whether a process holds the lock, without taking it. */
export function isLocked(stateDirectory: string): boolean {
  const path = join(stateDirectory, 'agent.lock');
  if (!existsSync(path)) return false;
  const database = new DatabaseSync(path, { readOnly: true, timeout: 0 });
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return true;
    throw error;
  } finally {
    database.close();
  }
}
