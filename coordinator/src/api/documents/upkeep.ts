// What keeps a coordinator in order.
import { z } from 'zod';
import { REASON, REASON_RULE } from '../../reason.ts';
import { count, scope } from './values.ts';

export const heldDocument = z.object({ heldMs: count }).meta({ id: 'RetentionHold' });

export const backupBody = z
  .strictObject({ folder: z.string().min(1).max(4096).describe('where the command copies to') })
  .meta({ id: 'BackupAnnouncement' });

export const redactionBody = z
  .strictObject({ reason: z.string().regex(REASON, REASON_RULE) })
  .meta({ id: 'Redaction' });
export const redactedDocument = z
  .object({ record: z.string(), entry: count.describe('of the record that says so') })
  .meta({ id: 'RedactedRecord' });

export const healthDocument = z.object({ status: z.string() }).meta({ id: 'Health' });

export const sessionDocument = z
  .object({
    actor: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('key'), key: z.string(), name: z.string(), scope }),
      z.object({ kind: z.literal('person'), issuer: z.string(), subject: z.string(), scope }),
    ]),
    scope,
    endsMs: z.int().nullable().describe('null for an API key without a session'),
  })
  .meta({ id: 'Session' });
export const signInOptionsDocument = z
  .object({
    federation: z.string(),
    openId: z.boolean().describe('whether there is an OpenID provider to sign in with'),
    bringsSession: z.boolean().describe('whether this browser sends a session, good or not'),
  })
  .meta({ id: 'SignInOptions' });
export const signedOutDocument = z.object({ signedOut: z.boolean() });
