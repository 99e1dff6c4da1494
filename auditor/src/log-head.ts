// The key and the checkpoint of a log: what everything else in it is compared with.
import { parseUtf8, Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { encodeVkey, openCheckpoint, parseVkey, type Checkpoint, type NoteKey } from '@blindsum/proto/tlog';
import { toFinding, type Finding } from './finding.ts';
import type { LogReader } from './log-reader.ts';

export interface LogHead {
  readonly source: string;
  /** True when nobody but the log itself vouches for the key. */
  readonly isKeyFromLog: boolean;
  /** Name of the log, and its key; both '' when there is no key. */
  readonly origin: string;
  readonly vkey: string;
  /** Absent when it does not verify. */
  readonly checkpoint?: Checkpoint;
  readonly findings: readonly Finding[];
}

/**
 * Reads key and checkpoint. `vkey` is the key that the reader trusts; without it the log's own is taken. Refuses UNAVAILABLE
 * when there is no checkpoint to read, MALFORMED for a `vkey` that is none.
 */
export async function readLogHead(reader: LogReader, vkey?: string): Promise<LogHead> {
  const trusted = vkey === undefined ? undefined : parseVkey(vkey);
  const note = await reader.read('checkpoint');
  if (!note)
    throw new Refusal(
      'UNAVAILABLE',
      `cannot read ${reader.source}: it has no checkpoint, so it is not a log`,
    );
  const { key, findings } = await readKey(reader, trusted);
  const about = { source: reader.source, isKeyFromLog: !trusted };
  if (!key) return { ...about, origin: '', vkey: '', findings };
  const named = { ...about, origin: key.name, vkey: encodeVkey(key) };
  const checkpoint = tryOpenCheckpoint(note, key);
  if ('code' in checkpoint) return { ...named, findings: [...findings, checkpoint] };
  return { ...named, checkpoint, findings };
}

/** The key to verify with: the trusted one, or the log's own. The log's must be the trusted one, if it publishes any. */
async function readKey(
  reader: LogReader,
  trusted?: NoteKey,
): Promise<{ key: NoteKey | undefined; findings: Finding[] }> {
  try {
    const bytes = await reader.read('log.vkey');
    if (!bytes && trusted) return { key: trusted, findings: [] };
    refuseUnless(
      bytes !== undefined,
      'NOT_FOUND',
      'log.vkey is missing: give the key of the log with --vkey',
    );
    const published = parseVkey(parseUtf8(bytes, 'log.vkey').replace(/\n$/, ''));
    const isTrusted = !trusted || encodeVkey(trusted) === encodeVkey(published);
    refuseUnless(isTrusted, 'BAD_SIGNATURE', 'log.vkey is not the key given with --vkey');
    return { key: published, findings: [] };
  } catch (error) {
    return { key: trusted, findings: [toFinding(error)] };
  }
}

function tryOpenCheckpoint(note: Bytes, key: NoteKey): Checkpoint | Finding {
  try {
    return openCheckpoint(note, key, verifyEd25519);
  } catch (error) {
    return toFinding(error, { prefix: 'checkpoint: ' });
  }
}
