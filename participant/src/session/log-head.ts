// The transparency log as a site follows it: one log, whose tree only grows (AUDIT.md section 1). What the coordinator shows is
// verified against the last checkpoint that this site keeps.
import { isEqualBytes, parseBase64, parseUtf8, Refusal, refuseUnless, type Bytes } from '@blindsum/proto';
import {
  claimCheckpoint,
  isP256Spki,
  parseRecord,
  parseVkey,
  verifyConsistency,
  type Checkpoint,
  type CheckSignature,
} from '@blindsum/proto/tlog';
import type { KeptHead, KnownLog, ShownHead, ShownRecord } from './known-log.ts';
import { verifyLogged } from './logged-record.ts';

/** How the log introduces itself. */
export interface ShownLog {
  readonly verifierKey: string;
  readonly head: ShownHead;
  readonly charter: ShownRecord;
}

/**
 * The checkpoint that is shown, once it is signed by the log and its tree begins with the one that is kept. Refuses MALFORMED,
 * BAD_SIGNATURE or BAD_CHECKPOINT; LOG_SHRANK for fewer entries than are kept, and LOG_FORKED for another tree, or one of which it
 * is not shown that it is the same.
 */
export function verifyHead(
  { note, proof }: ShownHead,
  { key }: Pick<KnownLog, 'key'>,
  kept: KeptHead | undefined,
  check: CheckSignature,
): KeptHead {
  const { size, root } = claimCheckpoint(note, key).verify(check);
  refuseUnless(size > 0n, 'BAD_CHECKPOINT', 'a log without its charter');
  if (kept) verifyGrown(kept, { size, root }, proof);
  return { size, root, note: parseUtf8(note, 'checkpoint') };
}

function verifyGrown(
  kept: KeptHead,
  shown: Pick<Checkpoint, 'size' | 'root'>,
  proof: readonly Bytes[],
): void {
  refuseUnless(
    shown.size >= kept.size,
    'LOG_SHRANK',
    `the log shows ${shown.size} entries, this site has seen ${kept.size}`,
  );
  const heads = { oldSize: kept.size, oldRoot: kept.root, newSize: shown.size, newRoot: shown.root };
  try {
    verifyConsistency({ ...heads, proof });
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    const what = `its tree of ${shown.size} entries does not begin with the ${kept.size} that this site has seen`;
    throw new Refusal('LOG_FORKED', `${what} (${cause.detail})`, { cause });
  }
}

/**
 * What a site holds on to from then on: the keys of the log of `federation` and its first checkpoint. Its first record names the key
 * of all records, and is signed with it. Refuses BAD_RECORD when that is another federation's, or is not the first, and as verifyHead
 * and verifyLogged do.
 */
export function verifyIntroduction(
  { verifierKey, head, charter }: ShownLog,
  federation: string,
  check: CheckSignature,
): { readonly log: KnownLog; readonly head: KeptHead } {
  const key = parseVkey(verifierKey);
  const record = parseRecord(charter.payload);
  if (record.kind !== 'charter' || charter.index !== 0n)
    throw new Refusal('BAD_RECORD', 'the first entry of the log is not its charter');
  const { origin, federation: ofLog, recordKey } = record.predicate;
  const isOwn = origin === key.name && ofLog === federation;
  refuseUnless(isOwn, 'BAD_RECORD', `the log ${key.name} is that of ${ofLog}`);
  const log = { key, recordKey: parseBase64(recordKey, 'record key') };
  refuseUnless(isP256Spki(log.recordKey), 'BAD_RECORD', 'the key of the records is not of P-256');
  const verified = verifyHead(head, log, undefined, check);
  verifyLogged(charter, verified, log, check);
  return { log, head: verified };
}

/** True for the same tree, whatever cosignatures the notes have. */
export function isSameTree(a: KeptHead | undefined, b: KeptHead): boolean {
  return a !== undefined && a.size === b.size && isEqualBytes(a.root, b.root);
}
