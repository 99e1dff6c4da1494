// `roster show | approve | refuse`: what a person at the site sees of the members of the federation, and decides. The agent may
// run meanwhile; it finds the decision in the journal.
import { join } from 'node:path';
import {
  memberFingerprint,
  missingApprovals,
  openRosterApproval,
  Refusal,
  refuseUnless,
  rosterChanges,
  type Member,
  type RosterStep,
  type SiteId,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import type { Config } from '../config.ts';
import { loadSiteKeys } from '../identity/site-keys.ts';
import { openSqliteJournal } from '../journal/sqlite-journal.ts';
import { createGrpcRosters } from '../rpc/grpc-rosters.ts';
import { RosterKeeper, type Pending, type Proposal, type RosterNews } from '../rosters/roster-keeper.ts';
import { openSiteConnection } from './connect.ts';
import type { Print } from './print.ts';

/** What a person names: the version, and the beginning of its hash as it was shown. */
export interface NamedRoster {
  readonly version: number;
  readonly hash: string;
}

/** Digits of the hash that must be given. */
const LEAST_DIGITS = 16;

/** Shows the roster that this site goes by, and each one that waits. Refuses as the chain or the connection does. */
export function showRoster(config: Config, print: Print): Promise<void> {
  return withKeeper(config, async (keeper) => {
    const news = await keeper.look();
    print(toShown(news), describe(news).join('\n'));
  });
}

/** Approves what is proposed, or accepts what the others adopted. Refuses NOT_FOUND unless that roster is the one shown. */
export function approveRoster(config: Config, named: NamedRoster, print: Print): Promise<void> {
  return withKeeper(config, async (keeper) => {
    const { proposal, pending } = await keeper.look();
    const found = findNamed([proposal, pending], named);
    if (isProposal(found)) await keeper.approve(found);
    else keeper.accept(found);
    const what = isProposal(found) ? 'approved' : 'accepted';
    print(
      { version: named.version, hash: found.step.next.hash, [what]: true },
      `roster version ${named.version} is ${what}`,
    );
  });
}

/**
 * Approves what is proposed if the configuration lists every member; nothing to do if this site has. Refuses POLICY_FORBIDS,
 * naming what a person must look at, and NOT_FOUND if nothing is proposed.
 */
export function approveListed(config: Config, print: Print): Promise<void> {
  return withKeeper(config, async (keeper) => {
    const { proposal, accepted } = await keeper.follow();
    if (proposal?.objection !== undefined) throw new Refusal('POLICY_FORBIDS', proposal.objection);
    const approved = proposal?.step.next.roster.version ?? accepted?.roster.version;
    if (approved === undefined) throw new Refusal('NOT_FOUND', 'no roster is proposed');
    print(
      { version: approved, approved: true },
      `roster version ${approved} is approved: trust.members lists every member`,
    );
  });
}

/** Tells the operator why this site does not approve. Refuses as `approveRoster` does, and what is adopted already. */
export function refuseRoster(
  config: Config,
  named: NamedRoster,
  reason: string,
  print: Print,
): Promise<void> {
  return withKeeper(config, async (keeper) => {
    const { proposal, pending } = await keeper.look();
    const found = findNamed([proposal, pending], named);
    if (!isProposal(found))
      throw new Refusal(
        'WRONG_PHASE',
        `version ${named.version} is adopted; this site takes part under it only if it is approved`,
      );
    await keeper.refuse(found, reason);
    print({ version: named.version, refused: true }, 'the operator is told why');
  });
}

async function withKeeper(config: Config, act: (keeper: RosterKeeper) => Promise<void>): Promise<void> {
  const keys = await loadSiteKeys(config.stateDirectory, config.keys);
  const { channels, close } = await openSiteConnection(config, keys);
  const journal = openSqliteJournal(join(config.stateDirectory, 'journal.sqlite'));
  try {
    await act(
      new RosterKeeper({
        ...{ rules: config, own: keys.member(config.site), sign: keys.signer.sign, journal },
        source: createGrpcRosters(channels.control),
      }),
    );
  } finally {
    close();
    journal.close();
  }
}

function findNamed(
  shown: readonly (Proposal | Pending | undefined)[],
  { version, hash }: NamedRoster,
): Proposal | Pending {
  refuseUnless(
    new RegExp(`^[0-9a-f]{${LEAST_DIGITS},64}$`).test(hash),
    'CONFIG_INVALID',
    `give at least the first ${LEAST_DIGITS} digits of the hash that roster show prints`,
  );
  const found = shown.find((one) => one?.step.next.roster.version === version);
  if (found === undefined) throw new Refusal('NOT_FOUND', `no roster version ${version} waits for this site`);
  refuseUnless(
    found.step.next.hash.startsWith(hash),
    'NOT_FOUND',
    `the roster that is shown as version ${version} has the hash ${found.step.next.hash}`,
  );
  return found;
}

function isProposal(found: Proposal | Pending): found is Proposal {
  return 'approvals' in found;
}

function toShown({ accepted, pending, proposal }: RosterNews) {
  return {
    accepted: accepted
      ? {
          version: accepted.roster.version,
          hash: accepted.hash,
          members: accepted.roster.members.map(toMember),
        }
      : null,
    adopted: pending ? toStep(pending.step, pending.objection) : null,
    proposed: proposal
      ? {
          ...toStep(proposal.step, proposal.objection),
          approved: proposal.isApproved,
          approvedBy: approvers(proposal),
          waitsFor: waitsFor(proposal),
        }
      : null,
  };
}

function toStep(step: RosterStep, objection: string | undefined) {
  const { joins, leaves, changes } = rosterChanges(step);
  const { roster, hash } = step.next;
  return {
    version: roster.version,
    hash,
    joins: joins.map(toMember),
    leaves: leaves.map(({ site }) => site),
    changes: changes.map(({ before, after }) => ({ ...toMember(after), before: memberFingerprint(before) })),
    objection: objection ?? null,
  };
}

function toMember(member: Member) {
  return { site: member.site, fingerprint: memberFingerprint(member) };
}

function describe({ accepted, pending, proposal }: RosterNews): string[] {
  return [
    ...(accepted
      ? [
          `this site takes part under roster version ${accepted.roster.version} (${accepted.hash}):`,
          ...accepted.roster.members.map((member) => `  ${toLine(member)}`),
        ]
      : ['this site takes part under no roster yet']),
    ...(pending ? describeStep('the members have adopted', pending) : []),
    ...(proposal ? describeStep('the operator proposes', proposal) : []),
    ...(proposal ? [`  approved by: ${approvers(proposal).join(', ') || 'nobody'}`] : []),
  ];
}

function describeStep(what: string, { step, objection }: Pending | Proposal): string[] {
  const { joins, leaves, changes } = rosterChanges(step);
  const { roster, hash } = step.next;
  return [
    `${what} version ${roster.version} (${hash}):`,
    ...joins.map((member) => `  joins:    ${toLine(member)}`),
    ...leaves.map(({ site }) => `  leaves:   ${site}`),
    ...changes.map(
      ({ before, after }) => `  new keys: ${toLine(after)}, before ${memberFingerprint(before)}`,
    ),
    ...(objection === undefined
      ? []
      : [
          `  waits for you: ${objection}`,
          `  compare the fingerprints with those sites themselves, not by way of the operator; then:`,
          `  blindsum-site roster approve ${roster.version} ${hash.slice(0, LEAST_DIGITS)}`,
        ]),
  ];
}

function toLine(member: Member): string {
  return `${member.site}  ${memberFingerprint(member)}`;
}

/** Whose approvals verify; what the coordinator says besides does not count. */
function openApprovals({ step, approvals }: Proposal) {
  return approvals.flatMap((approval) => {
    try {
      return [openRosterApproval(approval, step, verifyEd25519)];
    } catch (error) {
      if (error instanceof Refusal) return [];
      throw error;
    }
  });
}

function approvers(proposal: Proposal): SiteId[] {
  return [...new Set(openApprovals(proposal).map(({ site }) => site))];
}

function waitsFor(proposal: Proposal) {
  const { owners, quorum } = missingApprovals(proposal.step, openApprovals(proposal));
  return { owners, count: quorum.count, among: quorum.among };
}
