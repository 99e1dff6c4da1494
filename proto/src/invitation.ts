// The one-time token by which an operator invites a site (PROTOCOL.md section 3): `blindsum-invite-v1.` and, in base64url, the
// canonical JSON of where the coordinator is, which authority vouches for it, who is invited, and a secret. It travels by mail
// or telephone: whoever holds it first may enrol under that name.
import { z } from 'zod';
import { encodeBase64, parseBase64 } from './base64.ts';
import { parseHex, parseUtf8, toHex, type Bytes } from './bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from './canonical-json.ts';
import { domainDigest } from './digest.ts';
import { hostPortSchema } from './enrolment.ts';
import { digestSchema, federationSchema, siteIdSchema, type Digest } from './identifiers.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { describeIssues } from './describe-issues.ts';

const PREFIX = 'blindsum-invite-v1.';
/** Of a token. Names and addresses are at most 253 characters each. */
const MAX_LENGTH = 2048;
export const INVITATION_SECRET_BYTES = 32;

const invitationIdSchema = z.string().regex(/^[0-9a-f]{32}$/, 'an invitation is named by 16 bytes');

const termsFormat = z.strictObject({
  /** Where the site dials. */
  coordinator: hostPortSchema,
  /** SHA-256 of the DER form of the certificate of the authority that vouches for the coordinator. */
  authority: digestSchema,
  federation: federationSchema,
  site: siteIdSchema,
  invitation: invitationIdSchema,
});

const tokenFormat = z.strictObject({
  ...termsFormat.shape,
  secret: z.string().regex(/^[0-9a-f]{64}$/, 'a secret is 32 bytes in hexadecimal'),
});

export type InvitationTerms = z.output<typeof termsFormat>;

/** A token's content; printing it or turning it into JSON shows its kind only, because it holds the secret. */
export class Invitation {
  readonly terms: InvitationTerms;
  readonly #secret: Bytes;

  /** `secret`: 32 bytes. */
  constructor(terms: InvitationTerms, secret: Bytes) {
    if (secret.length !== INVITATION_SECRET_BYTES)
      throw new RangeError(`a secret has ${INVITATION_SECRET_BYTES} bytes`);
    this.terms = terms;
    this.#secret = secret;
  }

  get secret(): Bytes {
    return this.#secret;
  }

  toJSON(): string {
    return '[Invitation]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[Invitation]';
  }
}

/** The token that carries an invitation: a secret. */
export function encodeInvitation({ terms, secret }: Invitation): string {
  const text = encodeBase64(toCanonicalBytes({ ...terms, secret: toHex(secret) }));
  return `${PREFIX}${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** Parses a token; refuses MALFORMED any other spelling. What it refuses shows nothing of the token. */
export function parseInvitation(token: string): Invitation {
  refuseUnless(token.length <= MAX_LENGTH, 'MALFORMED', `invitation: longer than ${MAX_LENGTH} characters`);
  refuseUnless(token.startsWith(PREFIX), 'MALFORMED', `invitation: does not begin with ${PREFIX}`);
  const bytes = parseBase64Url(token.slice(PREFIX.length));
  const parsed = tokenFormat.safeParse(parseCanonicalJson(bytes, 'invitation', MAX_LENGTH));
  if (!parsed.success) throw new Refusal('MALFORMED', `invitation: ${describeIssues(parsed.error)}`);
  const { secret, ...terms } = parsed.data;
  return new Invitation(terms, parseHex(secret, INVITATION_SECRET_BYTES, 'secret'));
}

/** Parses the name of an invitation: 16 bytes in lower-case hexadecimal; anything else is MALFORMED. */
export function parseInvitationId(text: string): string {
  refuseUnless(invitationIdSchema.safeParse(text).success, 'MALFORMED', 'name of the invitation');
  return text;
}

/** What the coordinator keeps of a secret: SHA-256("blindsum/v1/invitation" ‖ secret), in hexadecimal. */
export function invitationDigest(secret: Bytes): Digest {
  return toHex(domainDigest('blindsum/v1/invitation', secret)) as Digest;
}

function parseBase64Url(text: string): Bytes {
  refuseUnless(/^[A-Za-z0-9_-]*$/.test(text), 'MALFORMED', 'invitation: not base64url without padding');
  const padding = '='.repeat((4 - (text.length % 4)) % 4);
  return parseBase64(`${text.replaceAll('-', '+').replaceAll('_', '/')}${padding}`, 'invitation');
}

/** A token as it is read from a file or a terminal: one line, with white space around it. */
export function parseInvitationText(bytes: Bytes): Invitation {
  refuseUnless(bytes.length <= 2 * MAX_LENGTH, 'MALFORMED', 'invitation: too long');
  return parseInvitation(parseUtf8(bytes, 'invitation').trim());
}
