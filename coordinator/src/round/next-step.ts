// What a job does when a round has ended. Rounds 0..R+1 follow each other, each from the model that the one before published.
import type { Digest, Manifest, SiteId } from '@blindsum/proto';
import type { Failed, Published } from './round.ts';

/** The round that ended, and how many a job has. */
export interface JobPlace {
  readonly round: number;
  readonly attempt: number;
  /** R, the training rounds; round R+1 evaluates. */
  readonly rounds: number;
  /** Attempts of one round before the job stops. */
  readonly attempts: number;
}

export type NextStep =
  | {
      readonly kind: 'round';
      readonly round: number;
      readonly attempt: number;
      readonly baseModelHash: Digest;
    }
  | { readonly kind: 'finish'; readonly modelHash: Digest }
  | { readonly kind: 'stop'; readonly reason: string };

/** Cannot fail. A round is repeated with another set only if nothing of it can have been opened (invariant 11). */
export function nextStep(ended: Published | Failed, place: JobPlace): NextStep {
  if (ended.phase === 'published') return afterPublished(ended, place);
  const { round, attempt, attempts } = place;
  if (!ended.mayHaveOpened && attempt < attempts)
    return { kind: 'round', round, attempt: attempt + 1, baseModelHash: ended.rules.baseModelHash };
  const why = ended.mayHaveOpened
    ? 'shares of its sum may have been opened, so it cannot be repeated with another set'
    : `attempt ${attempt} of ${attempts}`;
  return { kind: 'stop', reason: `round ${round}: ${ended.reason}: ${ended.detail}; ${why}` };
}

function afterPublished({ modelHash }: Published, { round, rounds }: JobPlace): NextStep {
  if (round > rounds) return { kind: 'finish', modelHash };
  return { kind: 'round', round: round + 1, attempt: 1, baseModelHash: modelHash };
}

/** Those of `sites` whose updates the next attempt refuses: with `lateSites: refused`, whoever was not in the set that was published. */
export function barredAfter(
  ended: Published | Failed,
  sites: readonly SiteId[],
  { lateSites }: Pick<Manifest, 'lateSites'>,
): SiteId[] {
  if (lateSites === 'next-round') return [];
  if (ended.phase === 'failed') return sites.filter((site) => ended.rules.barred.includes(site));
  return sites.filter((site) => !ended.set.members.includes(site));
}
