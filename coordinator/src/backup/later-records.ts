// What a published log holds beyond a backup: whether it matters that the backup does not know of it.
import { Refusal, toHex, type Bytes, type Digest } from '@blindsum/proto';
import { parseEntryBundle, parseLeaf, TILE_WIDTH, toBundlePath } from '@blindsum/proto/tlog';
import { findRecord } from '../log/record-archive.ts';
import type { ReadLogFile } from './published-log.ts';

/** A stretch of a log: entries from `from` to the `to`-th. */
export interface Stretch {
  readonly read: ReadLogFile;
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * True if the entries only vouch for the trail of administrative actions, erase records or anchor the log in time: then no set was sealed, no round published and nothing
 * else decided since. Refuses UNAVAILABLE for entries that are missing. Whether the entries are those of the log's
 * checkpoint is for the caller to verify.
 */
export async function isAdministrationOnly({ read, from, to }: Stretch): Promise<boolean> {
  const width = BigInt(TILE_WIDTH);
  for (let index = from / width; index * width < to; index++) {
    const left = to - index * width;
    const entries = await readBundle(read, index, Number(left < width ? left : width));
    for (const entry of entries.slice(Number(index * width < from ? from - index * width : 0n)))
      if (!(await isAdministration(read, entry))) return false;
  }
  return true;
}

async function readBundle(read: ReadLogFile, index: bigint, width: number): Promise<Bytes[]> {
  const path = toBundlePath({ index, width });
  const bytes = await read(path);
  if (!bytes) throw new Refusal('UNAVAILABLE', `the published log lacks ${path}`);
  return parseEntryBundle(bytes, width);
}

async function isAdministration(read: ReadLogFile, entry: Bytes): Promise<boolean> {
  const digest = toHex(parseLeaf(entry).paeDigest) as Digest;
  const found = await findRecord({ read }, digest);
  // What a record decided whose body was erased is not known any more.
  return found !== undefined && ['administration', 'redaction', 'anchor'].includes(found.record.kind);
}
