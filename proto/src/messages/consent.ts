// A site agrees to a job under a roster (PROTOCOL.md section 6); logged before the first round.
import { z } from 'zod';
import { digestSchema, federationSchema, jobIdSchema, pseudonymSchema } from '../identifiers.ts';
import { createMessageCodec, type Named } from '../signed-message.ts';

const consentSchema = z.strictObject({
  federation: federationSchema,
  job: jobIdSchema,
  site: pseudonymSchema,
  manifestHash: digestSchema,
  rosterHash: digestSchema,
});

export type Consent = Named<z.output<typeof consentSchema>>;
export const consentCodec = createMessageCodec('consent', consentSchema);
