// Values that several documents of the admin API have.
import { z } from 'zod';
import { digestSchema, jobIdSchema, SCOPES, siteIdSchema } from '@blindsum/proto';

/** Milliseconds since 1970, by the coordinator's clock. */
export const timeMs = z.int().describe('milliseconds since 1970');
export const count = z.int().min(0);
export const bytes = z.int().min(0).describe('bytes');

export const siteParams = z.strictObject({ site: siteIdSchema });
export const jobParams = z.strictObject({ job: jobIdSchema });
export const recordParams = z.strictObject({ record: digestSchema });
export const keyParams = z.strictObject({
  key: z.string().regex(/^[0-9a-f]{16}$/, 'a key is named by 16 hexadecimal digits'),
});
export const invitationParams = z.strictObject({
  invitation: z.string().regex(/^[0-9a-f]{32}$/, 'an invitation is named by 32 hexadecimal digits'),
});

export const IDEMPOTENCY_KEY = 'idempotency-key';

/** Of every write. */
export const writeHeaders = z.object({
  [IDEMPOTENCY_KEY]: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, 'expected 1 to 128 visible ASCII characters')
    .optional()
    .describe('the same request again within a day is done once, and answered alike'),
});

export const scope = z.enum(SCOPES);

/** A whole number in a query or a path: decimal digits, and one spelling. */
export function wholeNumber(least: number, most: number) {
  return z.preprocess(
    (text) => (typeof text === 'string' && /^(?:0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : text),
    z.int('expected a whole number').min(least).max(most),
  );
}

export const roundParams = z.strictObject({ job: jobIdSchema, round: wholeNumber(0, 99_999) });

/** One or more of these words, separated by commas. */
export function wordList(words: readonly string[]) {
  const word = `(?:${words.join('|')})`;
  const rule = `expected one or more of ${words.join(', ')}, separated by commas`;
  return z
    .string()
    .regex(new RegExp(`^${word}(?:,${word}){0,${words.length}}$`), rule)
    .describe(rule);
}

export const roundKind = z.enum(['statistics', 'training', 'evaluation']);
export const roundPhase = z.enum(['collecting', 'sealed', 'summed', 'opening', 'published', 'failed']);

/** What sites, and what they are called, in a document that a program reads. */
export const named = z.object({ site: z.string(), what: z.string() });

/** The certificate of the coordinator or of a site. */
export const certificate = z
  .object({ expiresMs: timeMs, state: z.enum(['valid', 'expiring', 'expired']) })
  .meta({ id: 'Certificate' });
