// What a site computed from the opened sum (PROTOCOL.md section 5, "attest").
import { z } from 'zod';
import { digestSchema, siteIdSchema } from '../identifiers.ts';
import { createMessageCodec } from '../signed-message.ts';

const attestationSchema = z.strictObject({
  context: digestSchema,
  site: siteIdSchema,
  setRoot: digestSchema,
  sumRoot: digestSchema,
  /** Hash of the global model after the round. */
  modelHash: digestSchema,
  /** Opened sums that the site's policy lets out: whole numbers over all contributors, never one site's. */
  metrics: z.record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/), z.int()),
});

export type Attestation = z.output<typeof attestationSchema>;
export const attestationCodec = createMessageCodec<Attestation>('attestation', attestationSchema);
