// A log as of one checkpoint, with what its coordinator says beside it of who must have cosigned: the policy, and the latest checkpoint that
// they did cosign. Neither is part of the log, so that both are compared with it.
import { Refusal, type Bytes } from '@blindsum/proto';
import { parseCheckpoint, parseNote } from '@blindsum/proto/tlog';
import type { LogReader } from './log-reader.ts';
import { pinLog, type PinnedLog } from './pinned-log-reader.ts';

/** What stands beside a log, as far as it does. */
export interface Served {
  /** A C2SP tlog-policy. */
  readonly policy: Bytes | undefined;
  readonly cosigned: Bytes | undefined;
  /** Entries that the log had, as its checkpoint says, before these were read. */
  readonly fromSize: number;
}

export interface ServedLog extends PinnedLog {
  readonly served: Served;
}

export const POLICY = 'policy';
export const COSIGNED = 'checkpoint.cosigned';
/** A log that grows more often than that while it is looked at is judged by all that it asked for meanwhile. */
const MAX_LOOKS = 5;

/** Reads the checkpoint, and what is beside it, once and for all. Refuses UNAVAILABLE when there is no checkpoint. */
export async function pinServedLog(reader: LogReader): Promise<ServedLog> {
  let before = (await pinLog(reader)).note;
  for (let looks = 1; ; looks++) {
    const [policy, cosigned] = [await reader.read(POLICY), await reader.read(COSIGNED)];
    const { reader: pinned, note } = await pinLog(reader);
    const [fromSize, size] = [sizeOf(before), sizeOf(note)];
    if (fromSize === size || looks === MAX_LOOKS) {
      const held = new Map([
        [POLICY, policy],
        [COSIGNED, cosigned],
      ]);
      const read = async (path: string) => (held.has(path) ? held.get(path) : pinned.read(path));
      return { reader: { ...pinned, read }, note, served: { policy, cosigned, fromSize } };
    }
    before = note;
  }
}

/** As it says itself, unverified; -1 for what is no checkpoint, which is found wrong elsewhere. */
function sizeOf(note: Bytes): number {
  try {
    return Number(parseCheckpoint(parseNote(note).text).size);
  } catch (error) {
    if (error instanceof Refusal) return -1;
    throw error;
  }
}
