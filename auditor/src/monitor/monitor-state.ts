// What a monitor remembers of a log: the last tree in which nothing contradicted what it had seen before.
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { digestSchema, parseUtf8, Refusal, utf8, type Bytes } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import { parseVkey } from '@blindsum/proto/tlog';
import { z } from 'zod';

const stateSchema = z.strictObject({
  schema: z.literal('blindsum-audit/monitor-state/v1'),
  /** The key of the log, which is trusted from the first look on. */
  vkey: z.string().max(200),
  size: z.int().min(0),
  /** Of that tree, in hexadecimal. */
  root: digestSchema,
  /** The signed checkpoint: with a later one that contradicts it, it proves a fork. */
  note: z.string().max(1 << 20),
});

export type MonitorState = Omit<z.output<typeof stateSchema>, 'schema'>;

/** Parses what encodeMonitorState writes; refuses CONFIG_INVALID. */
export function parseMonitorState(bytes: Bytes): MonitorState {
  try {
    const { schema: _, ...state } = stateSchema.parse(JSON.parse(parseUtf8(bytes, 'state')));
    parseVkey(state.vkey);
    return state;
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', '--state: it is no file of this monitor', { cause });
  }
}

export function encodeMonitorState(state: MonitorState): Bytes {
  const document = { schema: 'blindsum-audit/monitor-state/v1', ...state };
  return utf8(`${JSON.stringify(document, null, 2)}\n`);
}

/** The state in that file, or undefined when there is none yet. Refuses CONFIG_INVALID, or UNAVAILABLE. */
export async function readMonitorState(path: string): Promise<MonitorState | undefined> {
  let bytes: Bytes;
  try {
    bytes = new Uint8Array(await readFile(path));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new Refusal('UNAVAILABLE', `cannot read ${path}: ${toSystemFault(cause)}`, { cause });
  }
  return parseMonitorState(bytes);
}

/** Replaces the file; returns when the state is on disk. A power cut leaves the one or the other. Refuses UNAVAILABLE. */
export async function writeMonitorState(path: string, state: MonitorState): Promise<void> {
  try {
    const temporary = `${path}.new`;
    await withHandle(temporary, 'w', async (handle) => {
      await handle.writeFile(encodeMonitorState(state));
      await handle.sync();
    });
    await rename(temporary, path);
    await withHandle(dirname(path), 'r', (handle) => handle.sync());
  } catch (cause) {
    throw new Refusal('UNAVAILABLE', `cannot write ${path}: ${toSystemFault(cause)}`, { cause });
  }
}

async function withHandle(
  path: string,
  flags: string,
  use: (handle: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}
