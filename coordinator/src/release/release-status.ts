// Releases as operators see them.
import { Refusal, type JobId } from '@blindsum/proto';
import type { ReleaseStore, StoredRelease } from './release-store.ts';

/** All of them. */
export async function listReleases(releases: Pick<ReleaseStore, 'list'>) {
  return { releases: (await releases.list()).map(toSummary) };
}

/** One of them; refuses NOT_FOUND. */
export async function showRelease(releases: Pick<ReleaseStore, 'load'>, job: JobId, round: number) {
  const stored = await releases.load(job, round);
  if (!stored)
    throw new Refusal('NOT_FOUND', `no site has voted about the model of round ${round} of ${job}`);
  return toSummary(stored);
}

function toSummary({ id: { job, round }, release }: StoredRelease) {
  return {
    ...{ job, round, state: release.state },
    voters: release.votes.map(({ site }) => site),
    refusals: release.state === 'voting' ? release.refusals : [],
    fileDigest: release.state === 'voting' ? null : release.fileDigest,
    asked: release.state === 'logged' ? (release.asked?.site ?? null) : null,
    /** Voters that brought another file. */
    failed: release.state === 'logged' ? release.failed : [],
    from: release.state === 'available' ? release.from : null,
  };
}
