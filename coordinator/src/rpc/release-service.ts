// ReleaseService: what sites say about making the model of a round public, and the file that one of them brings.
import { refuseUnless, toDigestBytes, type SiteId } from '@blindsum/proto';
import { ReleaseState, type ReleaseService, type RoundRef } from '@blindsum/proto/rpc';
import { parseReason } from '../reason.ts';
import type { ReleaseDriver } from '../release/release-driver.ts';
import type { PublishedRound } from '../release/release-record.ts';
import { isAsked, NO_VOTES, type Release } from '../release/release.ts';
import { ACCESS_RULES, type AccessRule } from './access-rules.ts';
import type { OpenRound, OpenRoundFor } from './round-access.ts';
import { requireMessage } from './round-messages.ts';
import type { ServiceHandlers } from './service-handlers.ts';

export interface ReleaseShell {
  readonly openRound: OpenRoundFor;
  readonly releases: Pick<ReleaseDriver, 'vote' | 'refuse' | 'look' | 'deliver'>;
}

const RULES = ACCESS_RULES.ReleaseService;

/** What a site learns of `agreed`, which ends before anybody is answered, is that it is not in the log yet. */
const STATES: Record<Release['state'], ReleaseState> = {
  voting: ReleaseState.VOTING,
  agreed: ReleaseState.VOTING,
  logged: ReleaseState.LOGGED,
  available: ReleaseState.AVAILABLE,
};

export function createReleaseService(shell: ReleaseShell): ServiceHandlers<typeof ReleaseService> {
  const open = async (rule: AccessRule, site: SiteId, ref: RoundRef | undefined) =>
    toPublished(await shell.openRound(rule, site, ref));
  return {
    async getRelease({ site }, { ref }) {
      const published = await open(RULES.getRelease, site, ref);
      return toView(published, site, await shell.releases.look(published, site));
    },
    async voteForRelease({ site }, { ref, vote }) {
      const published = await open(RULES.voteForRelease, site, ref);
      await shell.releases.vote(published, site, requireMessage(vote, 'vote'));
      return {};
    },
    async refuseRelease({ site }, { ref, reason }) {
      const published = await open(RULES.refuseRelease, site, ref);
      await shell.releases.refuse(published, site, parseReason(reason));
      return {};
    },
    async deliverModel({ site }, { ref }) {
      await shell.releases.deliver(await open(RULES.deliverModel, site, ref), site);
      return {};
    },
  };
}

/** Refuses WRONG_PHASE unless the round has given a model. */
export function toPublished({ id, stored: { round }, document }: OpenRound): PublishedRound {
  refuseUnless(round.phase === 'published', 'WRONG_PHASE', `the round is ${round.phase}, and has no model`);
  return { id, round, document };
}

function toView({ round, document }: PublishedRound, site: SiteId, release: Release = NO_VOTES) {
  return {
    state: STATES[release.state],
    modelHash: toDigestBytes(round.modelHash),
    rosterHash: toDigestBytes(document.rosterHash),
    threshold: round.rules.threshold,
    voters: release.votes.map((vote) => vote.site),
    refusers: release.state === 'voting' ? release.refusals.map((refusal) => refusal.site) : [],
    wanted: isAsked(release, site),
  };
}
