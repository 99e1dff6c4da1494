// The release of a site's share of the key sum (PROTOCOL.md section 5, "open").
import { z } from 'zod';
import { digestSchema, siteIdSchema } from '../identifiers.ts';
import { createMessageCodec } from '../signed-message.ts';

const openingSchema = z.strictObject({
  context: digestSchema,
  site: siteIdSchema,
  setRoot: digestSchema,
  sumRoot: digestSchema,
  /** RFC 6962 root over the share sums sealed to each member, in roster order. */
  openingRoot: digestSchema,
});

export type Opening = z.output<typeof openingSchema>;
export const openingCodec = createMessageCodec<Opening>('opening', openingSchema);
