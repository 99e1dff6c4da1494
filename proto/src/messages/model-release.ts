// A site votes for a model to be made public (the record `release` holds the votes); nothing is released by fewer than T of them.
import { z } from 'zod';
import { digestSchema, federationSchema, jobIdSchema, pseudonymSchema } from '../identifiers.ts';
import { createMessageCodec, type Named } from '../signed-message.ts';

const modelReleaseSchema = z.strictObject({
  federation: federationSchema,
  job: jobIdSchema,
  site: pseudonymSchema,
  round: z.int().min(0).max(1_000_000),
  /** Of the global model after that round. */
  modelHash: digestSchema,
  /** SHA-256 of the file of that model, in hexadecimal. */
  fileDigest: digestSchema,
  /** Of the roster that the round went by: its members vote. */
  rosterHash: digestSchema,
});

/** "Anybody may have this model." */
export type ModelRelease = Named<z.output<typeof modelReleaseSchema>>;
export const modelReleaseCodec = createMessageCodec('model-release', modelReleaseSchema);
