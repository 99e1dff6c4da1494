// Models that were made public: each is the model of a round in the log, and at least T members of that round's roster voted for it.
import { modelReleaseCodec, Refusal, refuseUnless } from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import { verifyVotes } from './evidence-check.ts';
import { keysUnder, type JobHistory } from './round-check.ts';

/** Refuses BAD_RECORD, NOT_A_MEMBER, BAD_SIGNATURE, or TOO_FEW_APPROVALS. */
export function verifyRelease(history: JobHistory, release: Predicate<'release'>, federation: string): void {
  const { job, round, modelHash, fileDigest, rosterHash, threshold, votes } = release;
  const published = history.published.get(round);
  if (!published) throw new Refusal('BAD_RECORD', `round ${round} is not in the log before it`);
  const isManifest = release.manifestHash === history.manifest.manifestHash;
  refuseUnless(isManifest, 'BAD_RECORD', 'it is of another manifest');
  refuseUnless(modelHash === published.modelHash, 'BAD_RECORD', 'it is of another model than its round gave');
  refuseUnless(rosterHash === published.rosterHash, 'BAD_RECORD', 'it goes by another roster than its round');
  refuseUnless(
    threshold === published.threshold,
    'BAD_RECORD',
    `it needs ${threshold} votes, its round ${published.threshold}`,
  );
  const about = { federation, job, round, modelHash, fileDigest, rosterHash };
  verifyVotes(votes, { codec: modelReleaseCodec, about, keys: keysUnder(history, rosterHash) });
  refuseUnless(
    votes.length >= threshold,
    'TOO_FEW_APPROVALS',
    `${votes.length} members voted for it, ${threshold} are needed`,
  );
}
