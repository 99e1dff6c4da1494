// The chain of rosters as operators see it.
import { z } from 'zod';
import { count } from './values.ts';

const shownMember = z.object({ site: z.string(), fingerprint: z.string() });

export const adoptedRoster = z.object({ version: count, hash: z.string(), members: z.array(shownMember) });

export const rosterDocument = z
  .object({
    adopted: adoptedRoster.nullable(),
    proposed: z
      .object({
        version: count,
        hash: z.string(),
        joins: z.array(shownMember),
        leaves: z.array(shownMember),
        changes: z.array(shownMember.extend({ before: z.string() })),
        approvedBy: z.array(z.string()),
        refusedBy: z.array(z.object({ site: z.string(), reason: z.string() })),
        missing: z
          .object({ owners: z.array(z.string()), count, among: z.array(z.string()) })
          .describe('who must approve yet: each of `owners`, and `count` of `among`'),
      })
      .nullable(),
  })
  .meta({ id: 'Roster' });

export const proposeBody = z
  .strictObject({ replace: z.boolean().default(false).describe('also a proposal that has approvals') })
  .meta({ id: 'RosterProposal' });

/** As it is hashed: members with their public keys. */
export const nextRosterDocument = z
  .object({
    federation: z.string(),
    version: count,
    previous: z.string(),
    members: z.array(z.object({ site: z.string(), signingKey: z.string(), sharingKey: z.string() })),
  })
  .meta({ id: 'NextRoster' });
