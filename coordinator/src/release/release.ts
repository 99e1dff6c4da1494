// Whether a model is made public, from the first vote to the file that everybody may fetch. Pure.
//
//   voting ──(T votes for one file)──▶ agreed ──(the record is in the log)──▶ logged ──(the file is here)──▶ available
//
// The votes of the record are fixed with the last one: building it again gives the same record. A crash leaves a state whose next
// step anybody may do again.
import { Refusal, refuseUnless, type Digest, type SiteId } from '@blindsum/proto';

/** A member's vote, which was verified when it came in. */
export interface Vote {
  readonly site: SiteId;
  /** SHA-256 of the file that it is for. */
  readonly fileDigest: Digest;
  /** Of the signed message, in base64. */
  readonly payload: string;
  /** In hexadecimal. */
  readonly signature: string;
}

/** Why a site is against it, in its own words. */
export interface ReleaseRefusal {
  readonly site: SiteId;
  readonly reason: string;
}

/** A voter that is to bring the file. */
export interface AskedVoter {
  readonly site: SiteId;
  /** From then on another one is asked that shows itself; milliseconds since 1970. */
  readonly untilMs: number;
}

interface Decided {
  readonly fileDigest: Digest;
  /** Those of the record, in the order in which they came. */
  readonly votes: readonly Vote[];
}

export type Release =
  | {
      readonly state: 'voting';
      /** In the order in which they came. */
      readonly votes: readonly Vote[];
      readonly refusals: readonly ReleaseRefusal[];
    }
  /** The record is owed to the log. */
  | ({ readonly state: 'agreed' } & Decided)
  | ({
      readonly state: 'logged';
      readonly asked: AskedVoter | null;
      /** Voters that brought another file; they are not asked again. */
      readonly failed: readonly SiteId[];
    } & Decided)
  | ({
      readonly state: 'available';
      readonly from: SiteId;
      /** What lies beside the model's file: texts by name. */
      readonly files: Readonly<Record<string, string>>;
    } & Decided);

export const NO_VOTES: Release = { state: 'voting', votes: [], refusals: [] };

/** How long a voter has to bring the file before another one is asked. */
const PATIENCE_MS = 60_000;

/**
 * With a vote, agreed if it is the `threshold`-th for one file; the same release for a vote that it has, and for one that comes
 * after the decision. A vote takes back what the site said against it. Refuses CONFLICTING_SUBMISSION another vote of the site.
 */
export function withVote(release: Release, vote: Vote, threshold: number): Release {
  const held = release.votes.find(({ site }) => site === vote.site);
  const isHeld = held?.payload === vote.payload && held.signature === vote.signature;
  refuseUnless(
    held === undefined || isHeld,
    'CONFLICTING_SUBMISSION',
    `model-release: ${vote.site} has voted for another file`,
  );
  if (release.state !== 'voting' || isHeld) return release;
  const votes = [...release.votes, vote];
  const { fileDigest } = vote;
  const alike = votes.filter((one) => one.fileDigest === fileDigest);
  if (alike.length >= threshold) return { state: 'agreed', fileDigest, votes: alike };
  return { state: 'voting', votes, refusals: release.refusals.filter(({ site }) => site !== vote.site) };
}

/** With a site's reason against it, and without its vote. Refuses WRONG_PHASE once enough have voted: that is not taken back. */
export function withRefusal(release: Release, refusal: ReleaseRefusal): Release {
  if (release.state !== 'voting')
    throw new Refusal('WRONG_PHASE', 'the model is released, and that is not taken back');
  const isOthers = ({ site }: { readonly site: SiteId }) => site !== refusal.site;
  return {
    state: 'voting',
    votes: release.votes.filter(isOthers),
    refusals: [...release.refusals.filter(isOthers), refusal],
  };
}

/** Once the record is in the log. */
export function toLogged({ fileDigest, votes }: Decided): Release {
  return { state: 'logged', fileDigest, votes, asked: null, failed: [] };
}

/** Asks a voter that shows itself for the file, if nobody else is being waited for. The same release if nothing changes. */
export function ask(release: Release, site: SiteId, nowMs: number): Release {
  if (release.state !== 'logged' || isAsked(release, site)) return release;
  const { asked, failed, votes } = release;
  const isWaitedFor = asked !== null && asked.untilMs > nowMs;
  const mayBe = votes.some((vote) => vote.site === site) && !failed.includes(site);
  if (isWaitedFor || !mayBe) return release;
  return { ...release, asked: { site, untilMs: nowMs + PATIENCE_MS } };
}

/** True if the site is to bring the file. */
export function isAsked(release: Release, site: SiteId): boolean {
  return release.state === 'logged' && release.asked?.site === site;
}

/** The site brought another file than the one in the log: it is not asked again. */
export function withoutVoter(release: Release, site: SiteId): Release {
  if (!isAsked(release, site) || release.state !== 'logged') return release;
  return { ...release, asked: null, failed: [...release.failed, site] };
}

/** The file that the site brought is that of the record. */
export function toAvailable(
  release: Release,
  from: SiteId,
  files: Readonly<Record<string, string>>,
): Release {
  if (!isAsked(release, from)) return release;
  const { fileDigest, votes } = release as Decided;
  return { state: 'available', fileDigest, votes, from, files };
}
