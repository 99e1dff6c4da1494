// A site signs for the checkpoint it sealed, and a site that cannot use one says whose it was (PROTOCOL.md section 6, catching up).
import { z } from 'zod';
import { digestSchema, pseudonymSchema } from '../identifiers.ts';
import { createMessageCodec, type Named } from '../signed-message.ts';

const sealedCheckpointSchema = z.strictObject({
  /** Of the round that gave the model. */
  context: digestSchema,
  site: pseudonymSchema,
  modelHash: digestSchema,
  /** Of the roster whose members it is sealed to. */
  rosterHash: digestSchema,
  /** RFC 6962 root over the 1 MiB parts of the checkpoint. */
  root: digestSchema,
});

const checkpointComplaintSchema = z.strictObject({
  context: digestSchema,
  site: pseudonymSchema,
  /** Who signed for the checkpoint, and its root. */
  sealer: pseudonymSchema,
  root: digestSchema,
});

/** "These bytes are the model with this hash, sealed to every member." */
export type SealedCheckpoint = Named<z.output<typeof sealedCheckpointSchema>>;
/** "These bytes, which the sealer signed for, do not open for me, or to another model." */
export type CheckpointComplaint = Named<z.output<typeof checkpointComplaintSchema>>;
export const sealedCheckpointCodec = createMessageCodec('checkpoint', sealedCheckpointSchema);
export const checkpointComplaintCodec = createMessageCodec('checkpoint-complaint', checkpointComplaintSchema);
