// A site agrees to a job under a roster (PROTOCOL.md section 7); logged before the first round.
import { z } from 'zod';
import { digestSchema, federationSchema, jobIdSchema, siteIdSchema } from '../identifiers.ts';
import { createMessageCodec } from '../signed-message.ts';

const consentSchema = z.strictObject({
  federation: federationSchema,
  job: jobIdSchema,
  site: siteIdSchema,
  manifestHash: digestSchema,
  rosterHash: digestSchema,
});

export type Consent = z.output<typeof consentSchema>;
export const consentCodec = createMessageCodec<Consent>('consent', consentSchema);
