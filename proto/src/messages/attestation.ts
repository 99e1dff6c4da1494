// What a site computed from the opened sum (PROTOCOL.md section 5, "attest").
import { z } from 'zod';
import { digestSchema, pseudonymSchema } from '../identifiers.ts';
import { createMessageCodec, type Named } from '../signed-message.ts';

const attestationSchema = z.strictObject({
  context: digestSchema,
  site: pseudonymSchema,
  setRoot: digestSchema,
  sumRoot: digestSchema,
  /** Hash of the global model after the round. */
  modelHash: digestSchema,
  /** Opened sums that the site's policy lets out: whole numbers over all contributors, never one site's. */
  metrics: z.record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/), z.int()),
});

export type Attestation = Named<z.output<typeof attestationSchema>>;
export const attestationCodec = createMessageCodec('attestation', attestationSchema);
