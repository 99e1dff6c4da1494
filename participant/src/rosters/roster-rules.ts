// What a site's own configuration says about a roster: whom it knows, and whether a person must look. Pure.
import {
  memberFingerprint,
  rosterChanges,
  type ChainedRoster,
  type Member,
  type RosterStep,
} from '@blindsum/proto';
import type { Config } from '../config.ts';

export type TrustRules = Pick<Config, 'site' | 'federation' | 'trust'>;

/** Why a person must decide; undefined if the configuration does. */
export type Objection = string | undefined;

/** Whether this site is a member, with the keys that it holds. `own` is the entry of those. */
export function isOwnMember({ roster }: Pick<ChainedRoster, 'roster'>, own: Member): boolean {
  const listed = roster.members.find(({ site }) => site === own.site);
  return listed?.signingKey === own.signingKey && listed.sharingKey === own.sharingKey;
}

/** What speaks against a member: that `trust.members` does not list it, or with another fingerprint. */
export function objectionTo(member: Member, { trust }: TrustRules, own: Member): Objection {
  const shown = memberFingerprint(member);
  const trusted = trust.members[member.site];
  if (trusted === shown || (trusted === undefined && member.site === own.site)) return undefined;
  return trusted === undefined
    ? `trust.members does not list ${member.site}, whose fingerprint the coordinator shows as ${shown}`
    : `trust.members says ${trusted} for ${member.site}, the coordinator shows ${shown}`;
}

/**
 * Whether this site takes part under an adopted version by itself: every member is listed, or `trust.roster` is
 * `members-decide`, it follows one that this site has accepted, and gives nobody other keys than are listed.
 */
export function objectionToAdopted(
  { roster }: ChainedRoster,
  { followsAccepted }: { readonly followsAccepted: boolean },
  rules: TrustRules,
  own: Member,
): Objection {
  const decided = rules.trust.roster === 'members-decide' && followsAccepted;
  // Whom the configuration lists, nobody else gives other keys.
  const asked = roster.members.filter(({ site }) => !decided || rules.trust.members[site] !== undefined);
  return firstOf(asked.map((member) => objectionTo(member, rules, own)));
}

/**
 * Whether this site signs for a proposal by itself: every member is listed, and nobody leaves who is. That others decide is
 * no reason to sign: they wait for signatures, too.
 */
export function objectionToProposal(step: RosterStep, rules: TrustRules, own: Member): Objection {
  const leaving = rosterChanges(step).leaves.find(({ site }) => rules.trust.members[site] !== undefined);
  const unknown = step.next.roster.members.map((member) => objectionTo(member, rules, own));
  return firstOf([...unknown, leaving && `${leaving.site} would leave, whom trust.members lists`]);
}

function firstOf(objections: readonly Objection[]): Objection {
  return objections.find((objection) => objection !== undefined);
}
