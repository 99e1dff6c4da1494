// A site takes its consent back (PROTOCOL.md section 6); logged before the next round, which does not count it.
import { z } from 'zod';
import { digestSchema, federationSchema, jobIdSchema, pseudonymSchema } from '../identifiers.ts';
import { createMessageCodec, type Named } from '../signed-message.ts';

const withdrawalSchema = z.strictObject({
  federation: federationSchema,
  job: jobIdSchema,
  site: pseudonymSchema,
  manifestHash: digestSchema,
  /** The first round whose set may not hold the site. */
  fromRound: z.int().min(0).max(1_000_000),
});

export type Withdrawal = Named<z.output<typeof withdrawalSchema>>;
export const withdrawalCodec = createMessageCodec('withdrawal', withdrawalSchema);
