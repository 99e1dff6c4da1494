// At start: a log that is behind one of its mirrors does not grow. It is an old copy, and its next checkpoint would contradict
// one that others hold.
import { Refusal } from '@blindsum/proto';
import type { Config } from '../config.ts';
import { verifyNotBehind, type OwnLog } from './published-log.ts';
import { openOwnLog } from './restore-backup.ts';

/**
 * Refuses BAD_CHECKPOINT if a mirror of the log is ahead of it or contradicts it. One that cannot be read is only reported:
 * mirrors that are down must not stop a federation.
 */
export async function verifyMirrors(
  { log }: Pick<Config, 'log'>,
  unreadable: (mirror: string, reason: string) => void,
): Promise<void> {
  if (log.mirrors.length === 0) return;
  const own = await openOwnLogIfThere(log.directory);
  // A log that is to be founded has no key to compare with yet.
  if (!own) return;
  for (const mirror of log.mirrors) {
    try {
      await verifyNotBehind(own, mirror);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'UNAVAILABLE') throw error;
      unreadable(mirror, error.detail);
    }
  }
}

/** The log in `folder`; undefined for none. */
export async function openOwnLogIfThere(folder: string): Promise<OwnLog | undefined> {
  try {
    return await openOwnLog(folder);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
