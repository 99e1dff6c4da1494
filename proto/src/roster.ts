// The ordered list of members and their public keys (PROTOCOL.md section 3). A member's index, 1..n, is its place in the
// list and its evaluation point in secret sharing.
import { z } from 'zod';
import { toHex, type Bytes, parseHex } from './bytes.ts';
import { parseCanonicalJson, toCanonicalBytes } from './canonical-json.ts';
import { domainDigest, sha256 } from './digest.ts';
import { federationSchema, siteIdSchema, type Digest, type Pseudonym, type SiteId } from './identifiers.ts';
import { MAX_SITES } from './parameter-set.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import { describeIssues } from './describe-issues.ts';

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
/** Those whom messages may name: a roster, or a part of one. */
export type Members = Pick<Roster, 'members'>;

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

/** A roster as the log shows it: without names, and with what binds them. */
export interface RosterOutline {
  readonly federation: string;
  readonly version: number;
  /** Hash of the previous roster; empty for the first. */
  readonly previous: string;
  /** In roster order. */
  readonly members: readonly MemberOutline[];
}

export interface MemberOutline {
  /** SHA-256 over name and keys (memberDigest), which nobody can try names on who does not have the sharing key. */
  readonly memberDigest: Digest;
  /** Ed25519 public key. */
  readonly signingKey: string;
  /** SHA-256 of the X-Wing public key. */
  readonly sharingKeyHash: Digest;
}

export function toRosterOutline({ federation, version, previous, members }: Roster): RosterOutline {
  return { federation, version, previous, members: members.map(toMemberOutline) };
}

/** SHA-256("blindsum/v1/roster" ‖ canonical JSON of the outline), in hexadecimal: whoever reads the log can compute it. */
export function outlineHash({ federation, version, previous, members }: RosterOutline): Digest {
  const listed = members.map(({ memberDigest: digest, signingKey, sharingKeyHash }) => ({
    memberDigest: digest,
    signingKey,
    sharingKeyHash,
  }));
  const bytes = toCanonicalBytes({ federation, version, previous, members: listed });
  return toHex(domainDigest('blindsum/v1/roster', bytes)) as Digest;
}

/** What names a roster in contexts, approvals and consents: the hash of its outline, which binds every member's name and keys. */
export function rosterHash(roster: Roster): Digest {
  return outlineHash(toRosterOutline(roster));
}

/** The member named `site`, or NOT_A_MEMBER. */
export function memberOf({ members }: Members, site: SiteId): Member {
  const member = members.find((candidate) => candidate.site === site);
  if (!member) throw new Refusal('NOT_A_MEMBER', `${site} is not a member of this roster`);
  return member;
}

/** The member's index, 1..n, or NOT_A_MEMBER. */
export function memberIndex(roster: Members, site: SiteId): number {
  return roster.members.indexOf(memberOf(roster, site)) + 1;
}

export function signingKeyOf(member: Pick<Member, 'signingKey'>): Bytes {
  return parseHex(member.signingKey, SIGNING_KEY_BYTES, 'signing key');
}

export function sharingKeyOf(member: Member): Bytes {
  return parseHex(member.sharingKey, SHARING_KEY_BYTES, 'sharing key');
}

/** SHA-256("blindsum/v1/member" ‖ JSON name ‖ signing key ‖ sharing key), in hexadecimal. */
export function memberDigest(member: Member): Digest {
  const name = toCanonicalBytes(member.site);
  const digest = domainDigest('blindsum/v1/member', name, signingKeyOf(member), sharingKeyOf(member));
  return toHex(digest) as Digest;
}

/** What people compare out of band: the first 20 bytes of the member's digest, in groups of four hexadecimal digits. */
export function memberFingerprint(member: Member): string {
  return (memberDigest(member).slice(0, 40).match(/.{4}/g) ?? []).join('-');
}

/** Pseudonym of a member in signed messages and public records: SHA-256 of its signing key. Names stay out of the log. */
export function memberPseudonym(member: Pick<Member, 'signingKey'>): Pseudonym {
  return toHex(domainDigest('blindsum/v1/pseudonym', signingKeyOf(member))) as Pseudonym;
}

const byPseudonym = new WeakMap<readonly Member[], ReadonlyMap<Digest, Member>>();

/** The member with that pseudonym, or NOT_A_MEMBER. */
export function memberNamed({ members }: Members, pseudonym: Pseudonym): Member {
  const known = byPseudonym.get(members) ?? new Map(members.map((each) => [memberPseudonym(each), each]));
  byPseudonym.set(members, known);
  const member = known.get(pseudonym);
  if (!member) throw new Refusal('NOT_A_MEMBER', `no member of this roster has the pseudonym ${pseudonym}`);
  return member;
}

function toMemberOutline(member: Member): MemberOutline {
  return {
    memberDigest: memberDigest(member),
    signingKey: member.signingKey,
    sharingKeyHash: toHex(sha256(sharingKeyOf(member))) as Digest,
  };
}
