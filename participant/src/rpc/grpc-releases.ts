// The ReleaseDesk port over gRPC.
import {
  DIGEST_BYTES,
  MAX_SITES,
  parseSiteId,
  Refusal,
  refuseUnless,
  toHex,
  type Bytes,
  type Digest,
} from '@blindsum/proto';
import { ReleaseService, ReleaseState } from '@blindsum/proto/rpc';
import type { ReleaseDesk, ReleaseView } from '../releases/release-desk.ts';
import type { ControlChannel } from './channels.ts';
import { createUnaryCaller } from './unary-call.ts';

const STATES: ReadonlyMap<ReleaseState, ReleaseView['state']> = new Map([
  [ReleaseState.VOTING, 'voting'],
  [ReleaseState.LOGGED, 'logged'],
  [ReleaseState.AVAILABLE, 'available'],
]);

/** Speaks to the coordinator at the other end of `client`; the signal ends what is under way. */
export function createGrpcReleases(client: ControlChannel, signal?: AbortSignal): ReleaseDesk {
  const call = createUnaryCaller(client, ReleaseService, signal);
  return {
    async view(ref) {
      const shown = await call('getRelease', { ref });
      const state = STATES.get(shown.state);
      if (state === undefined) throw new Refusal('MALFORMED', 'release: a state that there is not');
      return {
        state,
        modelHash: parseHash(shown.modelHash, 'model'),
        rosterHash: parseHash(shown.rosterHash, 'roster'),
        threshold: shown.threshold,
        voters: parseSites(shown.voters),
        refusers: parseSites(shown.refusers),
        isWanted: shown.wanted,
      };
    },
    vote: async (ref, vote) => void (await call('voteForRelease', { ref, vote })),
    refuse: async (ref, reason) => void (await call('refuseRelease', { ref, reason })),
    deliver: async (ref) => void (await call('deliverModel', { ref })),
  };
}

function parseHash(bytes: Bytes, what: string): Digest {
  refuseUnless(bytes.length === DIGEST_BYTES, 'MALFORMED', `release: hash of the ${what}`);
  return toHex(bytes) as Digest;
}

function parseSites(names: readonly string[]) {
  refuseUnless(names.length <= MAX_SITES, 'MALFORMED', 'release: too many sites');
  return names.map(parseSiteId);
}
