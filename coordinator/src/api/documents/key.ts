// API keys as people and programs may see them: without any hash.
import { z } from 'zod';
import { pageOf } from './pages.ts';
import { scope, timeMs } from './values.ts';

const YEARS_100_MS = 100 * 365 * 24 * 3_600_000;

export const keyDocument = z
  .object({
    key: z.string(),
    name: z.string(),
    scope,
    createdMs: timeMs,
    expiresMs: timeMs.nullable(),
    revokedMs: timeMs.nullable(),
    lastUsedMs: timeMs.nullable().describe('to the minute'),
    overlapUntilMs: timeMs.nullable().describe('until when the secret before is good too'),
  })
  .meta({ id: 'ApiKey' });
export const keysDocument = pageOf('keys', keyDocument);

export const issuedKeyDocument = z
  .object({ ...keyDocument.shape, credential: z.string().describe('secret, and told here alone') })
  .meta({ id: 'IssuedApiKey' });

export const newKeyBody = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,100}$/u, 'a name is one line of 1 to 100 characters'),
    scope,
    lifetimeMs: z.int().min(1).max(YEARS_100_MS).optional().describe('from now; for ever without it'),
  })
  .meta({ id: 'NewApiKey' });

export const rotationBody = z
  .strictObject({
    overlapMs: z.int().min(0).max(YEARS_100_MS).describe('how long the secret before stays good'),
  })
  .meta({ id: 'Rotation' });
