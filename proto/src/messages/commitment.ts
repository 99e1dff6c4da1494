// com_i (PROTOCOL.md section 5, "contribute"): what a site contributes, before anybody knows who else does.
import { z } from 'zod';
import { digestSchema, pseudonymSchema } from '../identifiers.ts';
import { createMessageCodec, type Named } from '../signed-message.ts';

const commitmentSchema = z.strictObject({
  context: digestSchema,
  site: pseudonymSchema,
  /** RFC 6962 root over the 1 MiB ciphertext parts. */
  ciphertextRoot: digestSchema,
  /** Ciphertext chunks of 32 KiB; fixed by the manifest, repeated so that the commitment stands alone. */
  chunks: z
    .int()
    .min(1)
    .max(1 << 24),
  /** RFC 6962 root over the sealed shares, in roster order. */
  shareRoot: digestSchema,
});

export type Commitment = Named<z.output<typeof commitmentSchema>>;
export const commitmentCodec = createMessageCodec('commitment', commitmentSchema);
