// Names as people type them: one with a mistake is a mistake of the command, and says what a name is.
import {
  jobIdSchema,
  parseInvitationId,
  Refusal,
  siteIdSchema,
  type JobId,
  type SiteId,
} from '@blindsum/proto';
import type { z } from 'zod';

/** Refuses CONFIG_INVALID. */
export function jobNamed(text: string): JobId {
  return read(jobIdSchema, text);
}

/** Refuses CONFIG_INVALID. */
export function siteNamed(text: string): SiteId {
  return read(siteIdSchema, text);
}

/** Refuses CONFIG_INVALID. */
export function invitationNamed(text: string): string {
  try {
    return parseInvitationId(text);
  } catch (cause) {
    const expected = 'expected the 32 digits that invitations shows';
    throw new Refusal('CONFIG_INVALID', `${JSON.stringify(text)} names no invitation: ${expected}`, {
      cause,
    });
  }
}

function read<T>(schema: z.ZodType<T>, text: string): T {
  const { data, error } = schema.safeParse(text);
  if (data !== undefined) return data;
  throw new Refusal('CONFIG_INVALID', `${JSON.stringify(text)}: ${error?.issues[0]?.message ?? ''}`);
}
