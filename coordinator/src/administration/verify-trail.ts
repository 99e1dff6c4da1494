// An export of the trail against the records of a log.
import {
  compareTrail,
  parseTrail,
  parseUtf8,
  Refusal,
  type Bytes,
  type TrailCoverage,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  openCheckpoint,
  parseVkey,
  toAdministrationName,
  toNameDigest,
  type Predicate,
} from '@blindsum/proto/tlog';
import type { LogStore } from '../log/log-store.ts';
import { readRecord } from '../log/record-archive.ts';
import { restoreLog } from '../log/restore.ts';

/** Reads a log's files. */
export type ReadableLog = Pick<LogStore, 'read'>;

/**
 * Refuses MALFORMED and BAD_RECORD for a trail that is not whole, or not the one that the log vouches for; BAD_CHECKPOINT for a log
 * that is not signed with its own key. Throws an Error for a damaged log.
 */
export async function verifyTrail(trail: Bytes, log: ReadableLog): Promise<TrailCoverage> {
  return compareTrail(parseTrail(trail), await readAdministration(log));
}

/** The records of the trail in a log, in their order. Refuses and throws as `verifyTrail` does. */
export async function readAdministration(log: ReadableLog): Promise<Predicate<'administration'>[]> {
  const key = parseVkey(parseUtf8(await mustRead(log, 'log.vkey'), 'log.vkey').trimEnd());
  const checkpoint = openCheckpoint(await mustRead(log, 'checkpoint'), key, verifyEd25519);
  const { admitted } = await restoreLog(log, checkpoint);
  const records: Predicate<'administration'>[] = [];
  for (let from = 1; ; from = records.at(-1)!.to + 1) {
    const found = admitted.get(toNameDigest(toAdministrationName({ from })));
    if (!found) return records;
    const { record } = await readRecord(log, found.record);
    if (record.kind !== 'administration') throw new Error('a record of the log has the name of another');
    records.push(record.predicate);
  }
}

async function mustRead(log: ReadableLog, path: string): Promise<Bytes> {
  const bytes = await log.read(path);
  if (!bytes) throw new Refusal('NOT_FOUND', `the log has no ${path}`);
  return bytes;
}
