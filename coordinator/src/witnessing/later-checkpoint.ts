// Checkpoints that others hold of this log. Only one that the log itself signed says anything: nobody can stop a log by claiming.
import { isEqualBytes, Refusal, type Bytes } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { createTileReader, openCheckpoint, toTilePath, type NoteKey } from '@blindsum/proto/tlog';
import type { LogStore } from '../log/log-store.ts';
import type { Log } from '../log/sequencer.ts';

/** Where the evidence is kept, among the log's files; it is not served. */
export const LATER_CHECKPOINT = 'evidence/later-checkpoint';

export interface HeldCheckpoints {
  readonly log: Pick<Log, 'stop'>;
  readonly files: Pick<LogStore, 'read' | 'create'>;
  readonly logKey: NoteKey;
}

/**
 * Compares a checkpoint that `holder` shows with the log. One that the log does not begin with stops the log, for good, and is
 * refused (LOG_STOPPED); it is kept, so that a restart knows. Refuses MALFORMED, BAD_SIGNATURE or BAD_CHECKPOINT for hostile
 * bytes that are none of this log: those change nothing.
 */
export async function compareHeld(
  { log, files, logKey }: HeldCheckpoints,
  note: Bytes,
  holder: string,
): Promise<void> {
  const held = openCheckpoint(note, logKey, verifyEd25519);
  // Read after the other one was signed: a log that only grew has it.
  const bare = await files.read('checkpoint');
  if (!bare) throw new Error('the log has no checkpoint');
  const own = openCheckpoint(bare, logKey, verifyEd25519);
  const flaw = held.size > own.size ? `only ${own.size}` : 'others';
  if (held.size <= own.size) {
    const tiles = createTileReader(own, (tile) => files.read(toTilePath(tile)));
    if (isEqualBytes(await tiles.rootOf(held.size), held.root)) return;
  }
  await files.create(LATER_CHECKPOINT, note);
  const stopped = new Refusal(
    'LOG_STOPPED',
    `${holder} holds a checkpoint of ${held.size} entries that this log signed, and here are ${flaw}: this is an old copy of the ` +
      'state. Nothing more is signed. Restore a newer backup, or the state directory that wrote those entries',
  );
  log.stop(stopped);
  throw stopped;
}
