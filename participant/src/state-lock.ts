// One agent to a state directory: two would overwrite each other's files.
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { Refusal } from '@blindsum/proto';

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
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new Refusal('CONFIG_INVALID', `${stateDirectory}: another blindsum-site is running on it`, {
      cause,
    });
  }
  return { release: () => database.close() };
}
