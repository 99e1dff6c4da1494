// What a published log holds beyond a backup: whether it matters that the backup does not know of it.
import { Refusal, toHex, type Bytes, type Digest } from '@blindsum/proto';
import {
  parseEntryBundle,
  parseLeaf,
  TILE_WIDTH,
  toBundlePath,
  type LogRecord,
  type Predicate,
} from '@blindsum/proto/tlog';
import { findRecord } from '../log/record-archive.ts';
import type { ReadLogFile } from './published-log.ts';

export type RevokedCertificate = Extract<Predicate<'certificate'>, { readonly event: 'revoked' }>;

const UNDECIDING: ReadonlySet<LogRecord['kind']> = new Set([
  'administration',
  'redaction',
  'anchor',
  // It follows from the configuration and the log.
  'charter-amendment',
]);

/** A stretch of a log: entries from `from` to the `to`-th. */
export interface Stretch {
  readonly read: ReadLogFile;
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * True if the entries only vouch for the trail of administrative actions, erase records, anchor the log in time or say who must have cosigned it: then no set was sealed, no round published and nothing
 * else decided since. Refuses UNAVAILABLE for entries that are missing. Whether the entries are those of the log's
 * checkpoint is for the caller to verify.
 */
export async function isAdministrationOnly(stretch: Stretch): Promise<boolean> {
  for await (const record of recordsOf(stretch))
    // What a record decided whose body was erased is not known any more.
    if (record === undefined || !UNDECIDING.has(record.kind)) return false;
  return true;
}

/**
 * The revocations among the entries, the only decisions that are carried over. Refuses BAD_ROSTER if a roster was adopted: its members are
 * in no older state, and another roster of its version would contradict the log.
 */
export async function revocationsIn(stretch: Stretch): Promise<RevokedCertificate[]> {
  const revoked: RevokedCertificate[] = [];
  for await (const record of recordsOf(stretch)) {
    if (record?.kind === 'roster')
      throw new Refusal(
        'BAD_ROSTER',
        `the published log has roster version ${record.predicate.version}, which was adopted after this backup: restore a later one`,
      );
    if (record?.kind === 'certificate' && record.predicate.event === 'revoked')
      revoked.push(record.predicate);
  }
  return revoked;
}

async function* recordsOf({ read, from, to }: Stretch): AsyncGenerator<LogRecord | undefined> {
  const width = BigInt(TILE_WIDTH);
  for (let index = from / width; index * width < to; index++) {
    const left = to - index * width;
    const entries = await readBundle(read, index, Number(left < width ? left : width));
    for (const entry of entries.slice(Number(index * width < from ? from - index * width : 0n)))
      yield readEntry(read, entry);
  }
}

async function readBundle(read: ReadLogFile, index: bigint, width: number): Promise<Bytes[]> {
  const path = toBundlePath({ index, width });
  const bytes = await read(path);
  if (!bytes) throw new Refusal('UNAVAILABLE', `the published log lacks ${path}`);
  return parseEntryBundle(bytes, width);
}

/** Undefined for a record whose body was erased. */
async function readEntry(read: ReadLogFile, entry: Bytes): Promise<LogRecord | undefined> {
  const digest = toHex(parseLeaf(entry).paeDigest) as Digest;
  return (await findRecord({ read }, digest))?.record;
}
