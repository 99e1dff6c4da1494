// The records of one job's rounds: sealed before published, chained to the round before, backed by what sites signed.
import { consentCodec, Refusal, refuseUnless, roundContext, type Digest } from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import {
  readOf,
  verifyAttestations,
  verifyChecksums,
  verifyCommitments,
  verifyConsents,
  verifyContributors,
  type LoggedConsent,
  type SigningKeys,
} from './evidence-check.ts';
import { verifyWithoutWithdrawn } from './withdrawal-check.ts';
import type { LoggedRoster } from './roster-check.ts';

/** The rosters that the log has said so far, by hash. */
export type LoggedRosters = ReadonlyMap<Digest, LoggedRoster>;

/** What the log has said about a job so far. */
export interface JobHistory {
  readonly manifest: Predicate<'manifest'>;
  readonly rosters: LoggedRosters;
  /** Those of the manifest's record, and those that came later. */
  readonly consents: LoggedConsent[];
  /** Members whose withdrawal is in the log. */
  readonly withdrawn: Set<Digest>;
  readonly sealed: Predicate<'round-sealed'>[];
  last: PublishedRound | undefined;
  /** By round. */
  readonly published: Map<number, PublishedRound>;
  /** Of the roster that the latest round went by: none goes by an earlier one. */
  version: number;
}

/** The signing keys of the roster that a record names; refuses BAD_RECORD unless it is in the log before. */
export function keysUnder({ rosters }: Pick<JobHistory, 'rosters'>, rosterHash: Digest): SigningKeys {
  const roster = rosters.get(rosterHash);
  if (!roster) throw new Refusal('BAD_RECORD', 'its roster is not in the log before it');
  return roster.keys;
}

/** The same for a round, which goes by no older roster than the rounds before it. */
function goBy(history: JobHistory, rosterHash: Digest): SigningKeys {
  const keys = keysUnder(history, rosterHash);
  const version = history.rosters.get(rosterHash)?.record.version ?? 0;
  const before = history.version;
  history.version = Math.max(before, version);
  refuseUnless(version >= before, 'BAD_RECORD', `it goes back to roster version ${version} from ${before}`);
  return keys;
}

interface PublishedRound {
  readonly digest: Digest;
  readonly round: number;
  readonly modelHash: Digest;
  readonly rosterHash: Digest;
  readonly threshold: number;
}

/** The history of a job whose manifest has just been logged. */
export function createJobHistory(manifest: Predicate<'manifest'>, rosters: LoggedRosters): JobHistory {
  const version = rosters.get(manifest.rosterHash)?.record.version ?? 1;
  return {
    manifest,
    rosters,
    consents: [...manifest.consents],
    withdrawn: new Set(),
    sealed: [],
    last: undefined,
    published: new Map(),
    version,
  };
}

/** Refuses a consent that is not about the job's terms, or of a member that has consented already. */
export function verifyLateConsent(history: JobHistory, late: Predicate<'consent'>): void {
  const { manifest, rosters, consents } = history;
  const { job, manifestHash, rosterHash, consent } = late;
  const isForThis = manifestHash === manifest.manifestHash;
  refuseUnless(isForThis, 'BAD_RECORD', 'it is a consent to another manifest');
  const { rosterHash: named } = readOf(consentCodec, consent.payload);
  refuseUnless(named === rosterHash, 'BAD_RECORD', 'it is a consent under another roster');
  verifyConsents([consent], { job, manifestHash }, (hash) => rosters.get(hash)?.keys);
  refuseUnless(
    !consents.some(({ member }) => member === consent.member),
    'BAD_RECORD',
    `${consent.member} has consented before`,
  );
  consents.push(consent);
}

/** Refuses BAD_RECORD for a set that is sealed too late, or of sites that are not in the roster or have not consented before. */
export function verifySealed(history: JobHistory, sealed: Predicate<'round-sealed'>): void {
  history.sealed.push(sealed);
  const next = nextRound(history);
  refuseUnless(
    sealed.round === next,
    'BAD_RECORD',
    `round ${sealed.round} is sealed where round ${next} is due`,
  );
  const keys = goBy(history, sealed.rosterHash);
  const everyone = [...sealed.members, ...sealed.excluded.map(({ member }) => member)];
  for (const member of everyone) refuseUnlessMember(keys, member);
  refuseUnless(
    new Set(everyone).size === everyone.length,
    'BAD_RECORD',
    'one member is in the set twice, or in and out',
  );
  refuseUnless(
    everyone.length === keys.size,
    'BAD_RECORD',
    `it accounts for ${everyone.length} of ${keys.size} members of the roster`,
  );
  for (const member of sealed.members) refuseUnlessConsented(history, member);
  verifyWithoutWithdrawn(history, sealed);
}

/** Refuses BAD_RECORD for a failed attempt of a round that is published already, or names no member. */
export function verifyIncident(history: JobHistory, incident: Predicate<'incident'>): void {
  const next = nextRound(history);
  refuseUnless(
    incident.round === next,
    'BAD_RECORD',
    `round ${incident.round} fails where round ${next} is due`,
  );
  const keys = goBy(history, incident.rosterHash);
  for (const { member } of incident.excluded) refuseUnlessMember(keys, member);
}

export interface RoundClaim {
  readonly round: Predicate<'round'>;
  readonly digest: Digest;
  readonly federation: string;
}

/** Refuses a result that was not sealed before, does not follow the last one, or is not what enough sites signed. */
export function verifyRound(history: JobHistory, { round, digest, federation }: RoundClaim): void {
  const before = { ...history };
  const { modelHash, rosterHash, threshold } = round;
  history.last = { digest, round: round.round, modelHash, rosterHash, threshold };
  history.published.set(round.round, history.last);
  verifyChain(before, round);
  verifyTerms(history, round, federation);
  const keys = goBy(history, round.rosterHash);
  const { members } = verifySet(history, round);
  verifyCommitments(round, members, keys);
  verifyContributors(round, history.consents);
  verifyChecksums(round, members, keys);
  verifyAttestations(round, keys);
}

/** Refuses BAD_RECORD unless the round follows the last one of `history`, and starts from its model. */
export function verifyChain(history: JobHistory, round: Predicate<'round'>): void {
  const { last } = history;
  const next = nextRound(history);
  refuseUnless(
    round.round === next,
    'BAD_RECORD',
    `round ${round.round} is published where round ${next} is due`,
  );
  refuseUnless(
    round.previousRecord === (last?.digest ?? ''),
    'BAD_RECORD',
    'it names another record as the round before',
  );
  if (last)
    refuseUnless(
      round.baseModelHash === last.modelHash,
      'BAD_RECORD',
      'it does not start from the last model',
    );
}

/** Refuses BAD_RECORD unless the terms are the job's, and the context is theirs (PROTOCOL.md section 3). */
export function verifyTerms(history: JobHistory, round: Predicate<'round'>, federation: string): void {
  const { manifest } = history;
  const keys = keysUnder(history, round.rosterHash);
  refuseUnless(
    round.context === roundContext({ ...round, federation }),
    'BAD_RECORD',
    'its context is not that of its terms',
  );
  refuseUnless(
    round.manifestHash === manifest.manifestHash,
    'BAD_RECORD',
    'it was run under another manifest',
  );
  refuseUnless(
    round.counts.roster === keys.size,
    'BAD_RECORD',
    `it counts ${round.counts.roster} members of ${keys.size}`,
  );
  // With half of the roster or less, two different sets of one round could both be opened.
  refuseUnless(
    2 * round.threshold > keys.size,
    'BAD_RECORD',
    `a threshold of ${round.threshold} lets two sets be opened`,
  );
}

/** The set that was sealed for this result in `history`, if there is one. */
export function findSet(
  { sealed }: JobHistory,
  round: Predicate<'round'>,
): Predicate<'round-sealed'> | undefined {
  return sealed.find(
    (candidate) =>
      candidate.round === round.round &&
      candidate.attempt === round.attempt &&
      candidate.setRoot === round.setRoot,
  );
}

/** The set that was sealed for this result; refuses BAD_RECORD when there is none in `history`, or it says something else. */
export function verifySet(history: JobHistory, round: Predicate<'round'>): Predicate<'round-sealed'> {
  const set = findSet(history, round);
  refuseUnless(set !== undefined, 'BAD_RECORD', 'its set was not sealed in the log before it');
  refuseUnless(set.context === round.context, 'BAD_RECORD', 'its set was sealed in another context');
  refuseUnless(set.rosterHash === round.rosterHash, 'BAD_RECORD', 'its set was sealed under another roster');
  const { members } = set;
  refuseUnless(
    round.setSize === members.length && round.counts.sealed === members.length,
    'BAD_RECORD',
    `it counts ${round.setSize} contributors, ${members.length} were sealed`,
  );
  const isSame = toSortedText(set.excluded) === toSortedText(round.excluded);
  refuseUnless(isSame, 'BAD_RECORD', 'it names others as left out than its sealed set');
  return set;
}

function toSortedText(excluded: Predicate<'round'>['excluded']): string {
  return String(excluded.map(({ member, reason }) => `${member} ${reason}`).sort());
}

function refuseUnlessMember(keys: SigningKeys, member: Digest): void {
  refuseUnless(keys.has(member), 'NOT_A_MEMBER', `${member} is not in the roster`);
}

function refuseUnlessConsented({ consents }: JobHistory, member: Digest): void {
  const hasConsented = consents.some((consent) => consent.member === member);
  refuseUnless(
    hasConsented,
    'BAD_RECORD',
    `${member} is in the set, and no consent of it is in the log before`,
  );
}

function nextRound({ last }: JobHistory): number {
  return last ? last.round + 1 : 0;
}
