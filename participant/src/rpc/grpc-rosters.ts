// The RosterSource port over gRPC.
import { MAX_SITES, Refusal, refuseUnless, toDigestBytes, type RosterLink } from '@blindsum/proto';
import { RosterService, type RosterLink as ShownLink, type RosterProposal } from '@blindsum/proto/rpc';
import type { RosterSource } from '../ports.ts';
import type { ControlChannel } from './channels.ts';
import { createUnaryCaller } from './unary-call.ts';

const MAX_LINKS = 10_000;

/** Speaks to the coordinator at the other end of `client`; the signal ends what is under way. */
export function createGrpcRosters(client: ControlChannel, signal?: AbortSignal): RosterSource {
  const call = createUnaryCaller(client, RosterService, signal);
  return {
    async rosters(fromVersion) {
      const { links, more, proposal } = await call('getRosterChain', { fromVersion });
      refuseUnless(links.length <= MAX_LINKS, 'MALFORMED', `rosters: more than ${MAX_LINKS}`);
      return { links: links.map(toLink), more, proposal: proposal && toLink(proposal) };
    },
    async approveRoster(approval) {
      await call('approveRoster', { approval });
    },
    async refuseRoster({ version, hash }, reason) {
      await call('refuseRoster', { version, rosterHash: toDigestBytes(hash), reason });
    },
  };
}

function toLink({ roster, approvals }: ShownLink | RosterProposal): RosterLink {
  // Those of a version before, and of this one.
  if (approvals.length > 2 * MAX_SITES) throw new Refusal('MALFORMED', 'roster: too many approvals');
  return { roster, approvals: approvals.map(({ payload, signature }) => ({ payload, signature })) };
}
