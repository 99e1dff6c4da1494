// The formats of names in signed bytes.
import { z } from 'zod';
import { DIGEST, HOST, NAME, type Digest, type JobId, type Pseudonym, type SiteId } from './names.ts';

export {
  parseDigest,
  parseJobId,
  parseSiteId,
  type Digest,
  type JobId,
  type Pseudonym,
  type SiteId,
} from './names.ts';

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
