// A page of a list. A cursor names the last item that was shown, so that a list which changes in between shows nothing twice.
import { Refusal } from '@blindsum/proto';

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Null for the last page. */
  readonly next: string | null;
}

interface Ordered<T> {
  /** Unique; the list is in the order of these texts, by code units. */
  readonly keyOf: (item: T) => string;
  /** The last one first. */
  readonly isNewestFirst?: boolean;
}

/** Refuses MALFORMED for a cursor that is none. */
export function toPage<T>(
  all: readonly T[],
  { keyOf, isNewestFirst }: Ordered<T>,
  query: PageQuery,
): Page<T> {
  const sign = isNewestFirst ? -1 : 1;
  const compare = (a: string, b: string): number => (a < b ? -sign : a > b ? sign : 0);
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const left = all
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === undefined || compare(key, after) > 0)
    .sort((a, b) => compare(a.key, b.key));
  const shown = left.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ item }) => item),
    next: last && left.length > shown.length ? encodeCursor(last.key) : null,
  };
}

/** Numbers, and names last, so that texts are in their order. */
export function toSortKey(...parts: readonly (number | string)[]): string {
  return parts.map((part) => (typeof part === 'number' ? String(part).padStart(16, '0') : part)).join(' ');
}

export function encodeCursor(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}

/** Refuses MALFORMED for another spelling. */
export function parseCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (encodeCursor(key) !== cursor)
    throw new Refusal('MALFORMED', 'cursor: expected the `next` of the page before');
  return key;
}
