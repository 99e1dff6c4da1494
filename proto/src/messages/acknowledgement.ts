// ack(U) and its opposite (PROTOCOL.md section 5, "acknowledge").
import { z } from 'zod';
import { digestSchema, pseudonymSchema } from '../identifiers.ts';
import { createMessageCodec, type Named } from '../signed-message.ts';

const acknowledgementSchema = z.strictObject({
  context: digestSchema,
  site: pseudonymSchema,
  setAttempt: z.int().min(1).max(1024),
  setRoot: digestSchema,
});

const complaintSchema = z.strictObject({
  ...acknowledgementSchema.shape,
  /** Dealers whose share for this site does not open, in roster order. */
  dealers: z.array(pseudonymSchema).min(1).max(1024),
});

/** "I verified every commitment in this set, and the shares addressed to me open." */
export type Acknowledgement = Named<z.output<typeof acknowledgementSchema>>;
export type Complaint = Named<z.output<typeof complaintSchema>>;
export const acknowledgementCodec = createMessageCodec('acknowledgement', acknowledgementSchema);
export const complaintCodec = createMessageCodec('complaint', complaintSchema);
