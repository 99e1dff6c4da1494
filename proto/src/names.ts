// Names that appear in signed bytes: short, lower-case, one spelling.
import { refuseUnless } from './refusal.ts';

/** A site's name in the roster, e.g. `hospital-a`. */
export type SiteId = string & { readonly brand: 'SiteId' };
/** A job's name, unique in its federation. */
export type JobId = string & { readonly brand: 'JobId' };
/** A member in signed messages and public records, which hold no names: a digest of its signing key (roster.ts). */
export type Pseudonym = Digest & { readonly role: 'Pseudonym' };
/** A SHA-256 digest as 64 lower-case hexadecimal digits. */
export type Digest = string & { readonly brand: 'Digest' };

export const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const HOST = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
export const DIGEST = /^[0-9a-f]{64}$/;

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
