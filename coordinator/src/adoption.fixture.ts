// The ceremony of a roster: the operator proposes the admitted sites, and they approve.
import { parseChainedRoster, rosterApprovalCodec, type ChainedRoster } from '@blindsum/proto';
import { RosterService } from '@blindsum/proto/rpc';
import type { TestCoordinator, TestSite } from './federation.fixture.ts';

/** Proposes the admitted sites, and has `sites` approve. */
export async function adoptRoster(coordinator: TestCoordinator, sites: readonly TestSite[]): Promise<void> {
  await coordinator.admin.POST('/v1/roster', { body: { replace: false } });
  for (const site of sites) await approveProposal(site);
}

/** Approves what is proposed, if anything is. */
export async function approveProposal(site: TestSite): Promise<void> {
  const proposed = await proposalFor(site);
  if (proposed) await site.call(RosterService, 'approveRoster', { approval: approvalOf(site, proposed) });
}

export async function proposalFor(site: TestSite): Promise<ChainedRoster | undefined> {
  const { proposal } = await site.call(RosterService, 'getRosterChain', { fromVersion: 1 });
  return proposal && parseChainedRoster(proposal.roster);
}

export function approvalOf(site: TestSite, { roster: { federation, version }, hash }: ChainedRoster) {
  return site.sign(rosterApprovalCodec, { federation, version, site: site.site, rosterHash: hash });
}
