// The chain of rosters as operators see it: the latest version, and what the next one changes and waits for. Fingerprints and
// signatures of hundreds of members take long, and neither an adopted roster nor a revision of a proposal ever changes: what is
// shown of one is kept for as long as it is.
import {
  memberFingerprint,
  rosterChanges,
  type ChainedRoster,
  type Member,
  type RosterStep,
} from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { missingFor, openedApprovals, toStep } from './roster-proposal.ts';
import { latestRoster, type AdoptedRoster, type RosterChain } from './roster-reader.ts';
import type { StoredRoster } from './roster-store.ts';

export type RosterStatus = ReturnType<typeof rosterStatus>;

export function rosterStatus(chain: RosterChain) {
  const latest = latestRoster(chain);
  return {
    adopted: latest ? adoptedStatus(latest) : null,
    proposed: chain.proposed ? proposedStatus(chain.proposed, latest) : null,
  };
}

const shownAdopted = new WeakMap<AdoptedRoster, ReturnType<typeof describeAdopted>>();

function adoptedStatus(latest: AdoptedRoster) {
  const shown = shownAdopted.get(latest) ?? describeAdopted(latest);
  shownAdopted.set(latest, shown);
  return shown;
}

function describeAdopted({ roster, hash }: ChainedRoster) {
  return { version: roster.version, hash, members: roster.members.map(toShown) };
}

interface ShownProposal {
  /** What the proposal was compared with. */
  readonly latest: AdoptedRoster | undefined;
  readonly shown: ReturnType<typeof describeProposed>;
}

const shownProposals = new WeakMap<StoredRoster, ShownProposal>();

function proposedStatus(stored: StoredRoster, latest: AdoptedRoster | undefined) {
  const known = shownProposals.get(stored);
  if (known && known.latest === latest) return known.shown;
  const shown = describeProposed(stored, toStep(latest, stored));
  shownProposals.set(stored, { latest, shown });
  return shown;
}

function describeProposed(stored: StoredRoster, step: RosterStep) {
  const { joins, leaves, changes } = rosterChanges(step);
  const { quorum, owners } = missingFor(stored, step, verifyEd25519);
  const approved = openedApprovals(stored, step, verifyEd25519).map(({ site }) => site);
  return {
    version: stored.version,
    hash: stored.hash,
    joins: joins.map(toShown),
    leaves: leaves.map(toShown),
    changes: changes.map(({ before, after }) => ({ ...toShown(after), before: memberFingerprint(before) })),
    approvedBy: [...new Set(approved)],
    refusedBy: stored.refusals,
    /** Who must approve yet: each of `owners`, and `count` of `among`. */
    missing: { owners, count: quorum.count, among: quorum.among },
  };
}

function toShown(member: Member) {
  return { site: member.site, fingerprint: memberFingerprint(member) };
}
