// A site approves a version of the roster (PROTOCOL.md section 3); the chain of rosters grows by these.
import { z } from 'zod';
import { digestSchema, federationSchema, pseudonymSchema } from '../identifiers.ts';
import { createMessageCodec, type Named } from '../signed-message.ts';

const rosterApprovalSchema = z.strictObject({
  federation: federationSchema,
  site: pseudonymSchema,
  version: z.int().min(1),
  /** Binds the members with their keys, and the roster before. */
  rosterHash: digestSchema,
});

/** "This roster may be version so-and-so of the federation." A site signs one for each version at most. */
export type RosterApproval = Named<z.output<typeof rosterApprovalSchema>>;
export const rosterApprovalCodec = createMessageCodec('roster-approval', rosterApprovalSchema);
