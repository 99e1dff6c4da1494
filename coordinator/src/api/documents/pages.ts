// Lists of the admin API come in pages.
import { z } from 'zod';
import { wholeNumber } from './values.ts';

export const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

/** Of every list. */
export const pageQuery = z.strictObject({
  limit: wholeNumber(1, MAX_PAGE).default(DEFAULT_PAGE).describe('how many at most'),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,400}$/, 'expected the `next` of the page before')
    .optional()
    .describe('`next` of the page before; the first page without'),
});

/** A page with its items under `name`. */
export function pageOf<Name extends string, Item extends z.ZodType>(name: Name, item: Item) {
  const items = { [name]: z.array(item) } as Record<Name, z.ZodArray<Item>>;
  return z.object({
    ...items,
    next: z.string().nullable().describe('`cursor` of the next page; null for the last one'),
  });
}
