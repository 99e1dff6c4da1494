// Redactions in a log: each is about a record before it, says of it what it was, and leaves its name taken.
import { refuseUnless, type Digest } from '@blindsum/proto';
import { recordName, toNameDigest, type LogRecord, type Predicate } from '@blindsum/proto/tlog';

/** Takes the records of a log in their order, and those that cannot be read. */
export class NameHistory {
  /** The first entry of each name, by its digest. */
  readonly #names = new Map<Digest, number>();
  /** What is known of each record, by its digest. */
  readonly #records = new Map<Digest, { readonly entry: number; readonly record: LogRecord }>();

  /** Refuses BAD_RECORD a second record of one name; it counts as said in any case. */
  admit(entry: number, digest: Digest, record: LogRecord): void {
    this.#records.set(digest, { entry, record });
    this.#take(toNameDigest(recordName(record)), entry, recordName(record));
  }

  /** Refuses BAD_RECORD a redaction that says of a record what it is not, or that gives an erased record a name that is taken. */
  redact(entry: number, redaction: Predicate<'redaction'>): void {
    const known = this.#records.get(redaction.record);
    if (!known) return this.#take(redaction.name, entry, 'what was erased');
    const { record } = known;
    const job = 'job' in record.predicate ? record.predicate.job : '';
    const isOfThis =
      redaction.kind === record.kind &&
      redaction.job === job &&
      redaction.name === toNameDigest(recordName(record));
    refuseUnless(isOfThis, 'BAD_RECORD', 'it says of the erased record what that is not');
  }

  #take(name: Digest, entry: number, what: string): void {
    const first = this.#names.get(name);
    this.#names.set(name, first ?? entry);
    refuseUnless(
      first === undefined,
      'BAD_RECORD',
      `a second record of ${what}: entry ${first ?? ''} is the first`,
    );
  }
}
