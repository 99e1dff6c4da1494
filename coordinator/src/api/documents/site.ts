// Sites as operators see them.
import { z } from 'zod';
import { siteIdSchema } from '@blindsum/proto';
import { REVOCATION_REASONS } from '@blindsum/proto/tlog';
import { pageOf, pageQuery } from './pages.ts';
import { jobState } from './job.ts';
import { bytes, certificate, count, roundKind, timeMs, wordList } from './values.ts';

export const SITE_STATES = ['online', 'offline', 'revoked'] as const;

export const siteDocument = z
  .object({
    site: z.string(),
    fingerprint: z.string().describe('of its keys: what people compare out of band'),
    online: z.boolean(),
    certificate,
    revoked: z.object({ reason: z.enum(REVOCATION_REASONS), atMs: timeMs }).nullable(),
    admittedMs: timeMs,
    lastSeenMs: timeMs.nullable(),
    version: z.string().describe('as its last heartbeat said; empty before the first'),
    backend: z.string(),
    activity: z.string(),
    permille: z.int().describe('progress of its activity'),
  })
  .meta({ id: 'Site' });

export const siteDetailDocument = z
  .object({
    ...siteDocument.shape,
    jobs: z
      .array(z.object({ job: z.string(), state: jobState, consented: z.boolean(), withdrawn: z.boolean() }))
      .describe('those whose roster it is in, the latest first'),
  })
  .meta({ id: 'SiteDetail' });

export const sitesQuery = pageQuery.extend({ state: wordList(SITE_STATES).optional() });
export const sitesDocument = pageOf('sites', siteDocument);

export const contributionDocument = z
  .object({
    job: z.string(),
    round: count,
    attempt: count,
    kind: roundKind,
    outcome: z.enum(['contributed', 'leftOut', 'awaited']),
    why: z.string().nullable().describe('why it was left out, or what is awaited of it'),
    ciphertextBytes: bytes.describe('of its upload, as far as it is kept'),
    atMs: timeMs.describe('when the attempt began'),
  })
  .meta({ id: 'Contribution' });
export const contributionsDocument = pageOf('contributions', contributionDocument);

export const grantDocument = z
  .object({
    format: z.literal('blindsum-site-grant/v1'),
    federation: z.string(),
    site: z.string(),
    coordinator: z.string(),
    caCertificate: z.string(),
    certificate: z.string(),
    logVerifierKey: z.string(),
  })
  .meta({ id: 'SiteGrant' });

/** What the parser of requests looks at more closely. */
export const siteRequestBody = z
  .record(z.string(), z.unknown())
  .meta({ id: 'SiteRequest', description: 'the file that `blindsum-site keygen` writes' });

export const revokeSiteBody = z
  .strictObject({ reason: z.enum(REVOCATION_REASONS).default('unspecified') })
  .meta({ id: 'SiteRevocation' });
export const revokedSiteDocument = z.object({
  site: z.string(),
  reason: z.enum(REVOCATION_REASONS),
  atMs: timeMs,
});

const HOUR_MS = 3_600_000;
const MAX_LIFETIME_MS = 90 * 24 * HOUR_MS;

export const inviteBody = z
  .strictObject({
    site: siteIdSchema,
    lifetimeMs: z
      .int()
      .min(1000)
      .max(MAX_LIFETIME_MS)
      .default(24 * HOUR_MS)
      .describe('milliseconds; up to 90 days'),
    replaces: z.boolean().default(false).describe('whether it may take the place of an admitted site'),
  })
  .meta({ id: 'InvitationWish' });

export const invitedDocument = z
  .object({
    site: z.string(),
    token: z.string().describe('secret, and told here alone'),
    id: z.string(),
    expiresMs: timeMs,
  })
  .meta({ id: 'IssuedInvitation' });

export const invitationDocument = z
  .object({
    id: z.string(),
    site: z.string(),
    createdMs: timeMs,
    expiresMs: timeMs,
    replaces: z.boolean(),
    usedMs: timeMs.nullable(),
    state: z.enum(['open', 'used', 'expired', 'revoked']),
  })
  .meta({ id: 'Invitation' });
export const invitationsDocument = pageOf('invitations', invitationDocument);
