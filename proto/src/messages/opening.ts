// The release of a site's share of the key sum (PROTOCOL.md section 5, "open").
import { z } from 'zod';
import { digestSchema, pseudonymSchema } from '../identifiers.ts';
import { createMessageCodec, type Named } from '../signed-message.ts';

const openingSchema = z.strictObject({
  context: digestSchema,
  site: pseudonymSchema,
  setRoot: digestSchema,
  sumRoot: digestSchema,
  /** RFC 6962 root over the share sums sealed to each member, in roster order. */
  openingRoot: digestSchema,
});

export type Opening = Named<z.output<typeof openingSchema>>;
export const openingCodec = createMessageCodec('opening', openingSchema);
