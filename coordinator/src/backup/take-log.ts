// Rebuilds the files of a log from a published copy of it: everything but the keys follows from its entries and records.
import { isEqualBytes, Refusal, refuseUnless, toHex, utf8, type Bytes, type Digest } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  encodeVkey,
  frontierRoot,
  openCheckpoint,
  parseEntryBundle,
  parseLeaf,
  TILE_WIDTH,
  toBundlePath,
  type Checkpoint,
  type NoteKey,
} from '@blindsum/proto/tlog';
import { openFileLogStore } from '../log/file-log-store.ts';
import { appendEntry, createLogState } from '../log/log-state.ts';
import type { LogStore } from '../log/log-store.ts';
import { restoreLog } from '../log/restore.ts';
import { openPublishedLog, type ReadLogFile } from './published-log.ts';

/** Writes the log at `source`, signed by `key`, into `folder`. Refuses UNAVAILABLE for what is missing, and what does not verify. */
export async function takeLog(source: string, key: NoteKey, folder: string): Promise<void> {
  const read = openPublishedLog(source);
  const store = await openFileLogStore(folder);
  const note = await mustRead(read, 'checkpoint');
  const { size, root } = openCheckpoint(note, key, verifyEd25519);
  let state = createLogState();
  const missing: Digest[] = [];
  for (let index = 0n; index * BigInt(TILE_WIDTH) < size; index++) {
    const left = size - index * BigInt(TILE_WIDTH);
    const width = Number(left < BigInt(TILE_WIDTH) ? left : BigInt(TILE_WIDTH));
    const bundle = await mustRead(read, toBundlePath({ index, width }));
    for (const entry of parseEntryBundle(bundle, width)) {
      missing.push(...(await takeRecord(read, store, { entry, index: state.edge.frontier.size })));
      const { state: after, files } = appendEntry(state, entry);
      for (const [path, bytes] of files) await store.replace(path, bytes);
      state = after;
    }
  }
  const isSame = isEqualBytes(frontierRoot(state.edge.frontier), root);
  refuseUnless(isSame, 'BAD_CHECKPOINT', `${source}: its entries do not have the root that it signs`);
  if (missing.length > 0) await verifyErased(store, { origin: key.name, size, root }, missing);
  await store.replace('log.vkey', utf8(`${encodeVkey(key)}\n`));
  await store.replace('checkpoint', note);
}

/** Refuses UNAVAILABLE unless redactions in the log say of every missing body that it was erased. */
async function verifyErased(
  store: LogStore,
  checkpoint: Checkpoint,
  missing: readonly Digest[],
): Promise<void> {
  try {
    await restoreLog(store, checkpoint);
  } catch (cause) {
    const path = `records/${missing.join('.json, records/')}.json`;
    throw new Refusal('UNAVAILABLE', `the published log lacks ${path}`, { cause });
  }
}

/** The body of a record, whose hash is compared when the log is opened, and the place that it was given. Returns it if it has no body. */
async function takeRecord(
  read: ReadLogFile,
  store: LogStore,
  { entry, index }: { readonly entry: Bytes; readonly index: bigint },
): Promise<Digest[]> {
  const digest = toHex(parseLeaf(entry).paeDigest) as Digest;
  const path = `records/${digest}.json`;
  const body = await read(path);
  if (body) await store.replace(path, body);
  await store.create(`sequence/${index}`, utf8(`${digest}\n`));
  return body ? [] : [digest];
}

async function mustRead(read: ReadLogFile, path: string): Promise<Bytes> {
  const bytes = await read(path);
  if (!bytes) throw new Refusal('UNAVAILABLE', `the published log lacks ${path}`);
  return bytes;
}
