// Who can read what in a job, as data.
import { z } from 'zod';
import { count, roundKind } from './values.ts';

export const privacyDocument = z
  .object({
    job: z.string(),
    members: z.array(z.string()),
    threshold: count.describe('T: members that must act together to open a sum'),
    minimumContributors: count.describe('fewest updates in a sum that is opened'),
    allowTwoSites: z.boolean(),
    clipNorm: z.string().describe('L2 bound of an update; a decimal'),
    noise: z.null().describe('none is added: a sum is exact'),
    modelReaders: z.enum(['members', 'everybody']).describe('everybody: the members released it'),
    flows: z
      .array(
        z.object({
          what: z.string(),
          rounds: z.array(roundKind).describe('empty: at any time'),
          form: z.enum(['encrypted', 'sealed', 'signed', 'clear']),
          readers: z.enum(['nobody', 'members', 'operators', 'everybody']),
          afterOpening: z.enum(['total', 'nothing']).describe('what members learn once the sum is opened'),
        }),
      )
      .describe('what leaves a site, in which form, and who can read it'),
  })
  .meta({ id: 'Privacy' });
