// h_i (PROTOCOL.md section 5, "checksum"), signed by the contributor itself or by a proxy that checked its ciphertext root.
import { z } from 'zod';
import { digestSchema, pseudonymSchema } from '../identifiers.ts';
import { createMessageCodec, type Named } from '../signed-message.ts';

const checksumStatementSchema = z.strictObject({
  context: digestSchema,
  /** Who signs. */
  site: pseudonymSchema,
  /** Whose ciphertext was summed up; equal to `site` unless signed by a proxy. */
  subject: pseudonymSchema,
  setRoot: digestSchema,
  sumRoot: digestSchema,
  /** One residue mod q per repetition, as 16 hexadecimal digits. */
  values: z.tuple([z.string().regex(/^[0-9a-f]{16}$/), z.string().regex(/^[0-9a-f]{16}$/)]),
});

export type ChecksumStatement = Named<z.output<typeof checksumStatementSchema>>;
export const checksumStatementCodec = createMessageCodec('checksum', checksumStatementSchema);
