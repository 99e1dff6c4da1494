// Names that appear in signed bytes: short, lower-case, one spelling.
import { z } from 'zod';
import { refuseUnless } from './refusal.ts';

/** A site's name in the roster, e.g. `hospital-a`. */
export type SiteId = string & { readonly brand: 'SiteId' };
/** A job's name, unique in its federation. */
export type JobId = string & { readonly brand: 'JobId' };
/** A member in signed messages and public records, which hold no names: a digest of its signing key (roster.ts). */
export type Pseudonym = Digest & { readonly role: 'Pseudonym' };
/** A SHA-256 digest as 64 lower-case hexadecimal digits. */
export type Digest = string & { readonly brand: 'Digest' };

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const HOST = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const DIGEST = /^[0-9a-f]{64}$/;

export const siteIdSchema = z
  .string()
  .regex(NAME, 'a site name is 1 to 63 of a-z, 0-9 and inner hyphens')
  .transform((text) => text as SiteId);
export const jobIdSchema = z
  .string()
  .regex(NAME, 'a job name is 1 to 63 of a-z, 0-9 and inner hyphens')
  .transform((text) => text as JobId);
export const digestSchema = z
  .string()
  .regex(DIGEST, 'a digest is 64 lower-case hexadecimal digits')
  .transform((text) => text as Digest);
/** A member as messages name it. */
export const pseudonymSchema = z
  .string()
  .regex(DIGEST, 'a member is named by 64 lower-case hexadecimal digits')
  .transform((text) => text as Pseudonym);
/** A federation is named like a bare host, which is also its log's origin. */
export const federationSchema = z
  .string()
  .regex(HOST, 'a federation is named like a host: a-z, 0-9, dots and hyphens');

export function parseSiteId(text: string): SiteId {
  refuseUnless(NAME.test(text), 'MALFORMED', 'site name');
  return text as SiteId;
}

export function parseJobId(text: string): JobId {
  refuseUnless(NAME.test(text), 'MALFORMED', 'job name');
  return text as JobId;
}

export function parseDigest(text: string, what: string): Digest {
  refuseUnless(DIGEST.test(text), 'MALFORMED', `${what}: expected 64 lower-case hexadecimal digits`);
  return text as Digest;
}
