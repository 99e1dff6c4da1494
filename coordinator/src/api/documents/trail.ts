// The trail of administrative actions, as operators read it in pages. Auditors export its exact bytes.
import { z } from 'zod';
import { pageOf, pageQuery } from './pages.ts';
import { count, scope, timeMs, wholeNumber } from './values.ts';

const actor = z.object({
  kind: z.enum(['local', 'key', 'person', 'stranger', 'coordinator']),
  user: z.string().optional(),
  claimed: z.literal(true).optional().describe('the name is what the command called itself'),
  key: z.string().optional(),
  name: z.string().optional(),
  issuer: z.string().optional(),
  subject: z.string().optional(),
  scope: scope.optional(),
});

export const trailEntryDocument = z
  .object({
    sequence: count,
    atMs: timeMs,
    actor,
    from: z.string(),
    action: z.string(),
    subject: z.string(),
    detail: z.string(),
    outcome: z.enum(['begun', 'done', 'refused', 'failed', 'unknown']),
    code: z.string().describe('of a refusal; else empty'),
    completes: count.describe('the entry `begun` that this one completes; 0 for none'),
  })
  .meta({ id: 'TrailEntry' });
export const trailDocument = pageOf('entries', trailEntryDocument);

export const trailQuery = pageQuery.extend({
  since: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional().describe('milliseconds since 1970'),
  action: z
    .string()
    .regex(/^[a-z]{1,20}(?:\.[a-z-]{1,30})?$/, 'expected an action like job.cancel, or its beginning: job')
    .optional(),
  actor: z.string().min(1).max(300).optional().describe('a user, the name or the digits of a key, a person'),
});

export const exportQuery = z.strictObject({
  after: wholeNumber(0, 999_999_999_999_999).default(0).describe('the number of the entry before the first'),
});
