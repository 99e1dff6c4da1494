// Erasing the body of a record, while its entry and every proof stay. The order is: log the redaction, then remove the body. A crash
// between the two is mended when the log is opened; a body that is missing without a redaction is damage.
import { Refusal, type Digest } from '@blindsum/proto';
import {
  ERASABLE_KINDS,
  recordName,
  toNameDigest,
  type LogRecord,
  type Predicate,
} from '@blindsum/proto/tlog';
import type { LogStore } from './log-store.ts';
import { hasBody, removeBody } from './record-archive.ts';

export type Redaction = Predicate<'redaction'>;

/** The record that says that `record` is erased. Refuses NOT_ALLOWED for a record that the log rests on. */
export function createRedaction(digest: Digest, record: LogRecord, reason: string): LogRecord {
  const kind = ERASABLE_KINDS.find((erasable) => erasable === record.kind);
  if (kind === undefined || isRestedOn(record))
    throw new Refusal('NOT_ALLOWED', `${recordName(record)} is never erased: others rest on it`);
  const job = 'job' in record.predicate && record.predicate.job !== '' ? record.predicate.job : '';
  const name = toNameDigest(recordName(record));
  return { kind: 'redaction', predicate: { record: digest, kind, job, name, reason } };
}

/**
 * A restored backup revokes again whoever the log says was revoked since, and rounds name who was; every other record of a job is
 * judged by its manifest.
 */
function isRestedOn({ kind, predicate }: LogRecord): boolean {
  return kind === 'manifest' || (kind === 'certificate' && predicate.event === 'revoked');
}

/** The redaction of each record whose body is missing; throws an Error for one without, whose path it names. */
export function redactionsOf(
  missing: readonly Digest[],
  redactions: ReadonlyMap<Digest, Redaction>,
): readonly Redaction[] {
  return missing.map((digest) => {
    const redaction = redactions.get(digest);
    if (!redaction)
      throw new Error(`the log's file records/${digest}.json is missing, and no redaction says so`);
    return redaction;
  });
}

/** Removes what a crash left after its redaction was logged. Opens a log that is there without a write, when nothing is left. */
export async function finishErasures(store: LogStore, erased: Iterable<Digest>): Promise<void> {
  for (const digest of erased) if (await hasBody(store, digest)) await removeBody(store, digest);
}
