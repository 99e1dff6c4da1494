// The transparency log of the simulation: records by name, checked against their schemas.
import { Refusal, toCanonicalBytes, toHex } from '@blindsum/proto';
import { createRecord, encodeRecord, recordDigest, recordName, type LogRecord } from '@blindsum/proto/tlog';
import type { RecordLog } from '../../coordinator/src/ports.ts';
import type { RecordsSeen } from './watched.ts';

export class SimulatedLog implements RecordLog, RecordsSeen {
  readonly records: LogRecord[] = [];
  /** By index; a record never changes. */
  readonly #digests: string[] = [];
  readonly #spellings = new Map<string, { readonly index: number; readonly spelling: string }>();

  async append({ kind, predicate }: LogRecord): Promise<{ index: number }> {
    const record = createRecord(kind, predicate);
    const name = recordName(record);
    const spelling = toHex(toCanonicalBytes(record));
    const held = this.#spellings.get(name);
    if (held && held.spelling !== spelling)
      throw new Refusal('CONFLICTING_SUBMISSION', `the log has another record of ${name}`);
    if (held) return { index: held.index };
    this.records.push(record);
    this.#spellings.set(name, { index: this.records.length - 1, spelling });
    return { index: this.records.length - 1 };
  }

  sealedIndex(setRoot: string): number {
    return this.records.findIndex(
      ({ kind, predicate }) => kind === 'round-sealed' && predicate.setRoot === setRoot,
    );
  }

  digestAt(index: number): string {
    const record = this.records[index];
    if (!record) return '';
    this.#digests[index] ??= recordDigest(encodeRecord(record));
    return this.#digests[index];
  }
}
