// Enrolment by two files (PROTOCOL.md section 3): what a site hands to the operator, and what it gets back. A private key
// is in neither. People carry the files, so they are ordinary JSON; what is signed later is canonical.
import { z } from 'zod';
import { parseUtf8, type Bytes } from './bytes.ts';
import { parseHostileJson } from './hostile-json.ts';
import { federationSchema, siteIdSchema, type SiteId } from './identifiers.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { memberSchema, type Member } from './roster.ts';
import { describeIssues } from './describe-issues.ts';

const MAX_FILE_BYTES = 64 << 10;

/** One PEM block, or up to `most`. */
const pemOf = (label: string, most = 1) =>
  z
    .string()
    .max(16384)
    .regex(
      new RegExp(
        `^(?:-----BEGIN ${label}-----\\n(?:[A-Za-z0-9+/=]{1,76}\\n){1,400}-----END ${label}-----\\n?){1,${most}}$`,
      ),
      `expected ${most === 1 ? 'one PEM block' : `at most ${most} PEM blocks`} labelled ${label}`,
    );

/** `host:port`; the host is a name, an IPv4 address or an IPv6 address in brackets, the port 0 to 65535. */
export const hostPortSchema = z
  .string()
  .regex(
    /^(?:\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):[0-9]{1,5}$/,
    // One mistake, one complaint: what has no port has none that is too large.
    { error: 'expected host:port', abort: true },
  )
  .refine(
    (text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65535,
    'expected a port of at most 65535',
  );

const siteRequestFormat = z.strictObject({
  format: z.literal('blindsum-site-request/v1'),
  federation: federationSchema,
  site: siteIdSchema,
  signingKey: memberSchema.shape.signingKey,
  sharingKey: memberSchema.shape.sharingKey,
  /** PKCS#10 request (RFC 2986) for the site's TLS key; only its key and its proof of possession count. */
  csr: pemOf('CERTIFICATE REQUEST'),
  /** Where an authority elsewhere issues certificates: the one for that key, with what leads to the authority after it. */
  certificate: pemOf('CERTIFICATE', 4).optional(),
});

const siteGrantFormat = z.strictObject({
  format: z.literal('blindsum-site-grant/v1'),
  federation: federationSchema,
  site: siteIdSchema,
  /** Where the site dials. */
  coordinator: hostPortSchema,
  caCertificate: pemOf('CERTIFICATE'),
  /** With what leads to its authority after it, if that is not the coordinator's. */
  certificate: pemOf('CERTIFICATE', 4),
  /** Verifier key of the transparency log (C2SP signed-note). */
  logVerifierKey: z.string().min(1).max(512),
});

/** A site's public keys and its certificate request, for the operator of the federation. */
export type SiteRequest = z.output<typeof siteRequestFormat>;
/** The operator's answer: the site's certificate, and what it needs to recognise the coordinator and the log. */
export type SiteGrant = z.output<typeof siteGrantFormat>;

/** Parses a request file; refuses MALFORMED with the place of each mistake, unknown keys included. */
export function parseSiteRequest(bytes: Bytes): SiteRequest {
  return parseFile(siteRequestFormat, bytes, 'site request');
}

/** Parses a grant file; refuses MALFORMED with the place of each mistake, unknown keys included. */
export function parseSiteGrant(bytes: Bytes): SiteGrant {
  return parseFile(siteGrantFormat, bytes, 'site grant');
}

export function encodeSiteRequest(request: SiteRequest): string {
  return `${JSON.stringify(request, null, 2)}\n`;
}

export function encodeSiteGrant(grant: SiteGrant): string {
  return `${JSON.stringify(grant, null, 2)}\n`;
}

/** The roster entry of the site that made the request. */
export function memberOfRequest(request: SiteRequest): Member {
  return { site: request.site, signingKey: request.signingKey, sharingKey: request.sharingKey };
}

/** The name in a site's certificate: a URI subject alternative name. */
export function siteUri(federation: string, site: SiteId): string {
  return `fed://${federation}/site/${site}`;
}

/** The site a URI names; refuses UNAUTHENTICATED unless it is the one spelling of a site of `federation`. */
export function parseSiteUri(uri: string, federation: string): SiteId {
  const prefix = `fed://${federation}/site/`;
  const site = uri.startsWith(prefix) ? siteIdSchema.safeParse(uri.slice(prefix.length)) : undefined;
  if (!site?.success) throw new Refusal('UNAUTHENTICATED', `the certificate names no site of ${federation}`);
  return site.data;
}

function parseFile<T>(format: z.ZodType<T>, bytes: Bytes, what: string): T {
  refuseUnless(bytes.length <= MAX_FILE_BYTES, 'MALFORMED', `${what}: longer than ${MAX_FILE_BYTES} bytes`);
  const parsed = format.safeParse(parseHostileJson(parseUtf8(bytes, what), what));
  if (!parsed.success) throw new Refusal('MALFORMED', `${what}: ${describeIssues(parsed.error)}`);
  return parsed.data;
}
