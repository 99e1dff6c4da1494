// Records whose bodies are missing. The log may say of one that it was erased; of any other, somebody withholds it.
import type { Digest } from '@blindsum/proto';
import type { ErasableKind, LogRecord, Predicate } from '@blindsum/proto/tlog';
import type { MissingRecord } from './entry-check.ts';
import type { Finding } from './finding.ts';

/** A record that was erased: what its redaction says of it. Nobody can check that any more. */
export interface ErasedRecord {
  readonly entry: number;
  readonly record: Digest;
  readonly kind: ErasableKind;
  /** Empty for none. */
  readonly job: string;
  /** Digest of its name (toNameDigest). */
  readonly name: Digest;
  readonly reason: string;
}

/** Goes along with a walk through the entries. A redaction comes after the record that it is about. */
export class Erasures {
  readonly #missing: MissingRecord[] = [];
  readonly #redactions = new Map<Digest, Predicate<'redaction'>>();

  miss(missing: MissingRecord): void {
    this.#missing.push(missing);
  }

  note({ kind, predicate }: LogRecord): void {
    if (kind === 'redaction') this.#redactions.set(predicate.record, predicate);
  }

  /** What is known of each body that is missing, once all entries were seen. */
  explain(): { readonly erased: readonly ErasedRecord[]; readonly withheld: readonly Finding[] } {
    const erased: ErasedRecord[] = [];
    const withheld: Finding[] = [];
    for (const { entry, missing } of this.#missing) {
      const redaction = this.#redactions.get(missing);
      if (!redaction) {
        const message = `records/${missing}.json is missing, and the log does not say that it was erased: it is withheld`;
        withheld.push({ code: 'NOT_FOUND', entry, message });
        continue;
      }
      const { record, kind, job, name, reason } = redaction;
      erased.push({ entry, record, kind, job, name, reason });
    }
    return { erased, withheld };
  }
}

/** What a record is about, as far as others rest on it: what is erased leaves open what is said of the same. */
export function scopeOf({ kind, job }: { readonly kind: string; readonly job: string }): string {
  return job === '' ? kind : `job ${job}`;
}

/**
 * What was found wrong with something that rests on records of which these were erased: nobody can tell a fault from the gap, so
 * that the gaps are named instead. Without any, what was found.
 */
export function excuse(findings: readonly Finding[], erased: readonly ErasedRecord[]): readonly Finding[] {
  return findings.length === 0 || erased.length === 0 ? findings : erased.map(toGap);
}

/** The erasure of a record, as a finding that is no fault. */
export function toGap({ entry, kind, reason }: ErasedRecord): Finding {
  return { code: 'NOT_FOUND', entry, message: `the ${kind} record was erased: ${reason}`, isErased: true };
}
