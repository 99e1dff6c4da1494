// RosterService: the chain of rosters, for every admitted site, and what sites say about the next version.
import { DIGEST_BYTES, refuseUnless, toHex, type Digest, type RosterLink } from '@blindsum/proto';
import type { RosterService } from '@blindsum/proto/rpc';
import type { RosterDriver } from '../roster-driver.ts';
import { parseReason } from '../reason.ts';
import { requireMessage } from './round-messages.ts';
import type { ServiceHandlers } from './service-handlers.ts';

export interface RosterShell {
  readonly driver: Pick<RosterDriver, 'chain' | 'approve' | 'refuse'>;
}

/** An answer holds whole versions, and goes beyond this only by its last one. */
const ANSWER_BYTES = 1 << 20;

export function createRosterService({ driver }: RosterShell): ServiceHandlers<typeof RosterService> {
  return {
    async getRosterChain(_, { fromVersion }) {
      refuseUnless(fromVersion >= 1, 'MALFORMED', 'from_version: expected 1 or more');
      const { adopted, proposed } = await driver.chain();
      const wanted = adopted.slice(fromVersion - 1).map(({ link }) => link);
      const links = firstOf(wanted);
      const more = links.length < wanted.length;
      if (more || proposed === undefined) return { links: links.map(toInit), more };
      return { links: links.map(toInit), more, proposal: toInit(proposed) };
    },
    async approveRoster({ site }, { approval }) {
      const signed = requireMessage(approval, 'approval');
      await driver.approve(site, signed);
      return {};
    },
    async refuseRoster({ site }, { version, rosterHash, reason }) {
      refuseUnless(rosterHash.length === DIGEST_BYTES, 'MALFORMED', 'roster_hash: expected 32 bytes');
      const hash = toHex(rosterHash) as Digest;
      await driver.refuse(site, { version, hash }, parseReason(reason));
      return {};
    },
  };
}

function firstOf(links: readonly RosterLink[]): RosterLink[] {
  let bytes = 0;
  return links.filter(({ roster, approvals }) => {
    const fits = bytes < ANSWER_BYTES;
    bytes += approvals.reduce((sum, { payload }) => sum + payload.length, roster.length);
    return fits;
  });
}

function toInit({ roster, approvals }: RosterLink) {
  return {
    roster,
    approvals: approvals.map(({ payload, signature }) => ({ payload, signature })),
  };
}
