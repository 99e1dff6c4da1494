// What every error of the admin API is told as (RFC 9457).
import { z } from 'zod';
import { REFUSAL_CODES } from '@blindsum/proto';

export const problemDocument = z
  .object({
    type: z.string().describe('names the kind of problem: /docs/errors#CODE'),
    title: z.string(),
    status: z.int(),
    code: z.enum([...REFUSAL_CODES, 'INTERNAL']),
    detail: z.string().describe('what happened, and where'),
    hint: z.string().describe('what to do'),
  })
  .meta({ id: 'Problem' });
