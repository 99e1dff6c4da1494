// Lists of the API, which come in pages.
import { everyPage } from '@blindsum/admin-client';
import { answered } from './target.ts';

const PAGE = 200;

interface Query {
  readonly limit: number;
  readonly cursor?: string;
}

/** The items under `name` of every page. Refuses as the coordinator does. */
export async function everyItem<N extends string, T>(
  name: N,
  read: (
    query: Query,
  ) => Promise<{ readonly data?: Readonly<Record<N, readonly T[]>> & { readonly next: string | null } }>,
): Promise<T[]> {
  const all: T[] = [];
  const pages = everyPage((cursor) =>
    answered(read({ limit: PAGE, ...(cursor !== undefined && { cursor }) })),
  );
  for await (const page of pages) all.push(...page[name]);
  return all;
}
