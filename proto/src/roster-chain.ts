// The chain of a federation's rosters (PROTOCOL.md section 3): each version names the hash of the one before, and counts once
// a quorum of the members before it have signed for it, and every member that it adds or gives other keys. Who provides the
// rosters need not be believed.
import type { Digest, SiteId } from './identifiers.ts';
import { defaultTolerated, leastThreshold } from './manifest.ts';
import { rosterApprovalCodec, type RosterApproval } from './messages/roster-approval.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import {
  memberPseudonym,
  parseRoster,
  rosterHash,
  signingKeyOf,
  type Member,
  type Roster,
} from './roster.ts';
import {
  verifySigned,
  type Pseudonymous,
  type SignedMessage,
  type VerifySignature,
} from './signed-message.ts';
import type { Bytes } from './bytes.ts';

/** A roster with the approvals that it was adopted with: exact bytes, as they are stored and sent. */
export interface RosterLink {
  readonly roster: Bytes;
  readonly approvals: readonly SignedMessage[];
}

/** A roster whose place in the chain was verified. */
export interface ChainedRoster {
  readonly roster: Roster;
  readonly hash: Digest;
}

/** A step of the chain, before anybody has approved it. */
export interface RosterStep {
  /** Undefined before the first version. */
  readonly previous: ChainedRoster | undefined;
  readonly next: ChainedRoster;
}

/** What a step changes; everyone in roster order, those who leave in that of the roster before. */
export interface RosterChanges {
  readonly joins: readonly Member[];
  readonly leaves: readonly Member[];
  /** Members under the same name with another signing or sharing key. */
  readonly changes: readonly { readonly before: Member; readonly after: Member }[];
}

/** An approval: whose, and by which of its keys. */
export interface OpenedApproval {
  readonly site: SiteId;
  readonly signingKey: string;
}

/** Whose signatures a step still needs. */
export interface MissingApprovals {
  /** More members of the roster before that must sign, 0 and up, and who could. */
  readonly quorum: { readonly count: number; readonly among: readonly SiteId[] };
  /** Members that must sign each, because the step adds them or changes their keys. */
  readonly owners: readonly SiteId[];
}

/**
 * Members that must approve the successor of a roster of `members`: floor((n + f) / 2) + 1 with f = floor((n - 1) / 3). With
 * at most f dishonest members two different successors never both have that many, because an honest one approves one only.
 */
export function rosterQuorum(members: number): number {
  return leastThreshold(members, defaultTolerated(members));
}

export function rosterChanges({ previous, next }: RosterStep): RosterChanges {
  const before = new Map(previous?.roster.members.map((member) => [member.site, member]));
  const after = new Set(next.roster.members.map(({ site }) => site));
  return {
    joins: next.roster.members.filter(({ site }) => !before.has(site)),
    leaves: [...before.values()].filter(({ site }) => !after.has(site)),
    changes: next.roster.members.flatMap((member) => {
      const earlier = before.get(member.site);
      return earlier && !isSameMember(earlier, member) ? [{ before: earlier, after: member }] : [];
    }),
  };
}

/** Refuses BAD_ROSTER unless `next` is of the same federation, the version after `previous`, and names its hash. */
export function verifySuccession({ previous, next: { roster } }: RosterStep): void {
  const expected = (previous?.roster.version ?? 0) + 1;
  refuseUnless(
    roster.version === expected,
    'BAD_ROSTER',
    `roster version ${roster.version}, after version ${expected - 1}`,
  );
  refuseUnless(
    roster.previous === (previous?.hash ?? ''),
    'BAD_ROSTER',
    `roster version ${roster.version} does not follow the version before it`,
  );
  refuseUnless(
    previous === undefined || roster.federation === previous.roster.federation,
    'BAD_ROSTER',
    `roster version ${roster.version} is of another federation`,
  );
}

/**
 * Verifies one approval of a step, which names the key that signed it. Refuses MALFORMED, WRONG_CONTEXT one of another roster,
 * version or federation, NOT_A_MEMBER one by a key in neither roster, and BAD_SIGNATURE.
 */
export function openRosterApproval(
  signed: SignedMessage,
  { previous, next }: RosterStep,
  verify: VerifySignature,
): OpenedApproval {
  const said = rosterApprovalCodec.read(signed.payload);
  verifyApprovedRoster(said, next);
  const members = [previous, next].flatMap((chained) => chained?.roster.members ?? []);
  const member = members.find((each) => memberPseudonym(each) === said.site);
  if (member === undefined) throw new Refusal('NOT_A_MEMBER', `${said.site} is in neither roster`);
  verifySigned(rosterApprovalCodec, signed, signingKeyOf(member), verify);
  return { site: member.site, signingKey: member.signingKey };
}

/** Who has yet to sign a step that has these approvals. */
export function missingApprovals(step: RosterStep, approvals: readonly OpenedApproval[]): MissingApprovals {
  const signed = new Set(approvals.map(toName));
  const { joins, changes } = rosterChanges(step);
  // Whose keys change signs with both: the old one shows that its owner agrees, the new one that it is held.
  const owners = [...joins, ...changes.flatMap(({ before, after }) => [before, after])];
  const before = step.previous?.roster.members ?? [];
  const silent = before.filter((member) => !signed.has(toName(member)));
  const quorum = before.length === 0 ? 0 : rosterQuorum(before.length);
  return {
    quorum: {
      count: Math.max(0, quorum - (before.length - silent.length)),
      among: silent.map(({ site }) => site),
    },
    owners: [...new Set(owners.filter((member) => !signed.has(toName(member))).map(({ site }) => site))],
  };
}

/** True once nobody's signature is missing. */
export function isAdopted({ quorum, owners }: MissingApprovals): boolean {
  return quorum.count === 0 && owners.length === 0;
}

/**
 * Verifies the step from `previous` to `link`, and returns what it leads to. Refuses MALFORMED, BAD_ROSTER, what
 * `openRosterApproval` refuses of any approval, CONFLICTING_SUBMISSION two of one site under one key, and TOO_FEW_APPROVALS.
 */
export function verifySuccessor(
  previous: ChainedRoster | undefined,
  link: RosterLink,
  verify: VerifySignature,
): ChainedRoster {
  const next = parseChainedRoster(link.roster);
  const step = { previous, next };
  verifySuccession(step);
  const opened = link.approvals.map((approval) => openRosterApproval(approval, step, verify));
  refuseUnless(
    new Set(opened.map(toName)).size === opened.length,
    'CONFLICTING_SUBMISSION',
    `roster version ${next.roster.version}: one site approves twice`,
  );
  const missing = missingApprovals(step, opened);
  refuseUnless(
    isAdopted(missing),
    'TOO_FEW_APPROVALS',
    `roster version ${next.roster.version} lacks ${describeMissing(missing)}`,
  );
  return next;
}

/** Verifies a chain that goes on from `previous`, or from the first version; refuses as `verifySuccessor` does. */
export function verifyRosterChain(
  previous: ChainedRoster | undefined,
  links: readonly RosterLink[],
  verify: VerifySignature,
): ChainedRoster[] {
  const chain: ChainedRoster[] = [];
  for (const link of links) chain.push(verifySuccessor(chain.at(-1) ?? previous, link, verify));
  return chain;
}

/** A roster by its bytes; refuses MALFORMED. Nothing is said about its place. */
export function parseChainedRoster(bytes: Bytes): ChainedRoster {
  const roster = parseRoster(bytes);
  return { roster, hash: rosterHash(roster) };
}

/** For people: `the approval of hospital-a, and of 1 more of hospital-b, hospital-c`. */
export function describeMissing({ quorum, owners }: MissingApprovals): string {
  const parts = [
    ...(owners.length > 0 ? [owners.join(', ')] : []),
    ...(quorum.count > 0 ? [`${quorum.count} more of ${quorum.among.join(', ')}`] : []),
  ];
  return `the approval of ${parts.join(', and of ')}`;
}

function verifyApprovedRoster(approval: Pseudonymous<RosterApproval>, { roster, hash }: ChainedRoster): void {
  const isOfThis =
    approval.federation === roster.federation &&
    approval.version === roster.version &&
    approval.rosterHash === hash;
  refuseUnless(isOfThis, 'WRONG_CONTEXT', `the approval of ${approval.site} is of another roster`);
}

function isSameMember(a: Member, b: Member): boolean {
  return a.site === b.site && a.signingKey === b.signingKey && a.sharingKey === b.sharingKey;
}

function toName({ site, signingKey }: OpenedApproval): string {
  return `${site} ${signingKey}`;
}
