// What a record says rests on records before it: where one of those cannot be read, it is not judged.
import type { LogRecord } from '@blindsum/proto/tlog';
import { scopeOf, type ErasedRecord } from './erasures.ts';
import type { Finding } from './finding.ts';

/** What is wrong with what a record says. */
export interface JudgedRecord<T extends Finding = Finding> {
  readonly entry: number;
  readonly scope: string;
  readonly content: readonly T[];
}

/** What a record is about, as far as others rest on it. */
export function scopeOfRecord({ kind, predicate }: LogRecord): string {
  return scopeOf({ kind, job: 'job' in predicate && kind !== 'redaction' ? predicate.job : '' });
}

/** True if the log says of every record that cannot be read that it was erased. */
export function isExplained(unread: readonly number[], erased: readonly ErasedRecord[]): boolean {
  const isErased = new Set(erased.map(({ entry }) => entry));
  return unread.every((entry) => isErased.has(entry));
}

/**
 * After a record that cannot be read, what later ones rest on is not judged any more; after one that was erased, of what is about
 * the same. Nothing rests on an incident.
 */
export function restingOnWhatIsRead<T extends Finding>(
  judged: readonly JudgedRecord<T>[],
  unread: readonly number[],
  erased: readonly ErasedRecord[],
): T[] {
  const isErased = new Set(erased.map(({ entry }) => entry));
  const gaps = erased
    .filter(({ kind }) => kind !== 'incident')
    .map((record) => ({ entry: record.entry, scope: scopeOf(record) }));
  const firstUnread = unread.find((entry) => !isErased.has(entry)) ?? Infinity;
  return judged
    .filter(({ entry, scope }) => {
      const isOpen = gaps.some((gap) => gap.entry < entry && gap.scope === scope);
      return entry < firstUnread && !isOpen;
    })
    .flatMap(({ content }) => content);
}
