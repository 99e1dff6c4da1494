// The ordered list of members and their public keys (PROTOCOL.md section 7). A member's index, 1..n, is its place in the
// list and its evaluation point in secret sharing.
import { z } from 'zod';
import { toHex, type Bytes, parseHex } from './bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from './canonical-json.ts';
import { domainDigest } from './digest.ts';
import { federationSchema, siteIdSchema, type Digest, type SiteId } from './identifiers.ts';
import { MAX_SITES } from './parameter-set.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { describeIssues } from './signed-message.ts';

const SIGNING_KEY_BYTES = 32;
const SHARING_KEY_BYTES = 1216;

const hexOf = (bytes: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `expected ${bytes} bytes in hexadecimal`);

/** One member as it is written in a roster. */
export const memberSchema = z.strictObject({
  site: siteIdSchema,
  /** Ed25519 public key. */
  signingKey: hexOf(SIGNING_KEY_BYTES),
  /** X-Wing public key (ML-KEM-768 and X25519). */
  sharingKey: hexOf(SHARING_KEY_BYTES),
});

const rosterSchema = z.strictObject({
  federation: federationSchema,
  version: z.int().min(1),
  /** Hash of the previous roster; empty for the first. */
  previous: z.string().regex(/^([0-9a-f]{64})?$/),
  members: z.array(memberSchema).min(2).max(MAX_SITES),
});

export type Member = z.output<typeof memberSchema>;
export type Roster = z.output<typeof rosterSchema>;

export function encodeRoster(roster: Roster): Bytes {
  return toCanonicalBytes(roster);
}

/** Parses hostile bytes; refuses MALFORMED, also for two members with one name or one key. */
export function parseRoster(bytes: Bytes): Roster {
  const parsed = rosterSchema.safeParse(parseCanonicalJson(bytes, 'roster', 8 << 20));
  if (!parsed.success) throw new Refusal('MALFORMED', `roster: ${describeIssues(parsed.error)}`);
  const roster = parsed.data;
  for (const field of ['site', 'signingKey', 'sharingKey'] as const) {
    const distinct = new Set(roster.members.map((member) => member[field]));
    refuseUnless(
      distinct.size === roster.members.length,
      'MALFORMED',
      `roster: two members with the same ${field}`,
    );
  }
  return roster;
}

/** SHA-256("blindsum/v1/roster" ‖ canonical bytes), in hexadecimal. */
export function rosterHash(roster: Roster): Digest {
  return toHex(domainDigest('blindsum/v1/roster', encodeRoster(roster))) as Digest;
}

/** The member named `site`, or NOT_A_MEMBER. */
export function memberOf(roster: Roster, site: SiteId): Member {
  const member = roster.members.find((candidate) => candidate.site === site);
  if (!member) throw new Refusal('NOT_A_MEMBER', `${site} is not in roster version ${roster.version}`);
  return member;
}

/** The member's index, 1..n, or NOT_A_MEMBER. */
export function memberIndex(roster: Roster, site: SiteId): number {
  return roster.members.indexOf(memberOf(roster, site)) + 1;
}

export function signingKeyOf(member: Pick<Member, 'signingKey'>): Bytes {
  return parseHex(member.signingKey, SIGNING_KEY_BYTES, 'signing key');
}

export function sharingKeyOf(member: Member): Bytes {
  return parseHex(member.sharingKey, SHARING_KEY_BYTES, 'sharing key');
}

/**
 * What people compare out of band: 20 bytes of SHA-256("blindsum/v1/member" ‖ JSON name ‖ signing key ‖ sharing key),
 * in groups of four hexadecimal digits.
 */
export function memberFingerprint(member: Member): string {
  const name = toCanonicalBytes(member.site);
  const digest = toHex(domainDigest('blindsum/v1/member', name, signingKeyOf(member), sharingKeyOf(member)));
  return (digest.slice(0, 40).match(/.{4}/g) ?? []).join('-');
}

/** Pseudonym of a member in public records: SHA-256 of its signing key. Names stay out of the log. */
export function memberPseudonym(member: Pick<Member, 'signingKey'>): Digest {
  return toHex(domainDigest('blindsum/v1/pseudonym', signingKeyOf(member))) as Digest;
}
