// A proposed roster and what sites answer to it: who has approved, who refused and why, and when it is adopted. Pure.
import {
  encodeRoster,
  isAdopted,
  isEqualBytes,
  missingApprovals,
  openRosterApproval,
  parseChainedRoster,
  refuseUnless,
  type ChainedRoster,
  type Member,
  type MissingApprovals,
  type OpenedApproval,
  type RosterStep,
  type SignedMessage,
  type SiteId,
  type VerifySignature,
} from '@blindsum/proto';
import type { RosterEntry, RosterRefusal } from './roster-store.ts';

/** The roster of `members` as the one after `previous`, approved by nobody. Refuses MALFORMED for members that fit in none. */
export function createProposal(
  federation: string,
  previous: ChainedRoster | undefined,
  members: readonly Member[],
): RosterEntry {
  const roster = encodeRoster({
    ...{ federation, version: (previous?.roster.version ?? 0) + 1, previous: previous?.hash ?? '' },
    members: [...members],
  });
  const { hash } = parseChainedRoster(roster);
  return { roster, hash, state: 'proposed', approvals: [], refusals: [] };
}

/** The step that a proposal would be. */
export function toStep(
  previous: ChainedRoster | undefined,
  { roster }: Pick<RosterEntry, 'roster'>,
): RosterStep {
  return { previous, next: parseChainedRoster(roster) };
}

/** The approvals of an entry, which were verified when they came in. */
export function openedApprovals(
  { approvals }: RosterEntry,
  step: RosterStep,
  verify: VerifySignature,
): OpenedApproval[] {
  return approvals.map((approval) => openRosterApproval(approval, step, verify));
}

/**
 * With a site's approval, adopted if nobody else's is missing; the same entry for an approval that it has. The caller has
 * verified `signed`, which takes back what the site said against the proposal.
 */
export function withApproval(
  entry: RosterEntry,
  signed: SignedMessage,
  {
    step,
    site,
    verify,
  }: { readonly step: RosterStep; readonly site: SiteId; readonly verify: VerifySignature },
): RosterEntry {
  if (entry.approvals.some((held) => isSameMessage(held, signed))) return entry;
  const approved = {
    ...entry,
    approvals: [...entry.approvals, signed],
    refusals: entry.refusals.filter((refusal) => refusal.site !== site),
  };
  const missing = missingApprovals(step, openedApprovals(approved, step, verify));
  return isAdopted(missing) ? { ...approved, state: 'adopted' } : approved;
}

/** With a site's reason against it, in the place of an earlier one. Refuses WRONG_PHASE for a site that has approved. */
export function withRefusal(
  entry: RosterEntry,
  refusal: RosterRefusal,
  approved: readonly OpenedApproval[],
): RosterEntry {
  const { site } = refusal;
  refuseUnless(
    !approved.some((approval) => approval.site === site),
    'WRONG_PHASE',
    `${site} has approved this roster, and an approval is not taken back`,
  );
  const others = entry.refusals.filter((earlier) => earlier.site !== site);
  return { ...entry, refusals: [...others, refusal] };
}

/** Whose approval a proposal lacks. */
export function missingFor(entry: RosterEntry, step: RosterStep, verify: VerifySignature): MissingApprovals {
  return missingApprovals(step, openedApprovals(entry, step, verify));
}

function isSameMessage(a: SignedMessage, b: SignedMessage): boolean {
  return isEqualBytes(a.payload, b.payload) && isEqualBytes(a.signature, b.signature);
}
