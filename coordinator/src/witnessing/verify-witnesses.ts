// At start, before anything is signed: a log that is behind what one of its witnesses has cosigned does not grow.
import { join } from 'node:path';
import { Refusal } from '@blindsum/proto';
import { openOwnLogIfThere } from '../backup/verify-mirrors.ts';
import { openPublishedLog, verifyNoteNotBehind, type OwnLog } from '../backup/published-log.ts';
import type { Config } from '../config.ts';
import { removeDurably } from '../log/durable-file.ts';
import { LATER_CHECKPOINT } from './later-checkpoint.ts';
import { createWitnessClient } from './witness-client.ts';

/**
 * Refuses BAD_CHECKPOINT if a stand-alone witness, or a checkpoint that was kept when the log stopped, is ahead of the log or
 * contradicts it. A witness that cannot be asked is only reported: it must not stop a federation.
 */
export async function verifyWitnesses(
  { log, witnesses }: Pick<Config, 'log' | 'witnesses'>,
  unreadable: (witness: string, reason: string) => void,
): Promise<void> {
  const own = await openOwnLogIfThere(log.directory);
  // A log that is to be founded has nothing to contradict.
  if (!own) return;
  await verifyKept(own, log.directory);
  await Promise.all(
    witnesses.standAlone.map(async ({ name, url, monitoringUrl = url }) => {
      const source = `the witness ${name}`;
      try {
        const note = await createWitnessClient(url, monitoringUrl).lastSeen(log.origin);
        if (note) await verifyNoteNotBehind(own, note, source);
      } catch (error) {
        // What is no checkpoint of this log, by this log's key, says nothing about it.
        if (!(error instanceof Refusal) || error.code === 'BAD_CHECKPOINT') throw error;
        unreadable(name, error.detail);
      }
    }),
  );
}

/** Evidence is removed once the log has what it says: a newer state was brought back. */
async function verifyKept(own: OwnLog, folder: string): Promise<void> {
  const kept = await openPublishedLog(folder)(LATER_CHECKPOINT);
  if (!kept) return;
  await verifyNoteNotBehind(own, kept, `a checkpoint that was shown (${LATER_CHECKPOINT} in ${folder})`);
  await removeDurably(join(folder, LATER_CHECKPOINT));
}
