// Which bodies of a job's rounds nobody needs any more. Records, signed messages, roots and checksums are kept for ever; only
// ciphertexts, shares, openings and sums go. Sealed checkpoints have a life of their own (checkpoint-driver.ts), and so have the
// files of released models.
import type { Manifest, SiteId } from '@blindsum/proto';
import { currentRound, isEnded } from '../job-status.ts';
import type { BlobKind, BlobName, JobHead, StoredBlob, StoredRound } from '../ports.ts';
import { isSameRound, toRoundKey } from '../round-names.ts';
import type { Published } from '../round/round.ts';

/** Infinity keeps all. */
export interface RetentionRules {
  /** Latest published rounds of a job whose bodies are kept; at least 1: slower sites still apply the last one. */
  readonly publishedRounds: number;
  /** Latest failed attempts of a job whose bodies are kept, as evidence of what went wrong. */
  readonly failedAttempts: number;
}

/** Attempts of one round whose bodies are kept at the same time: the current one and those that failed before it. */
export function keptAttempts(
  { attempts }: Pick<Manifest, 'attempts'>,
  { failedAttempts }: Pick<RetentionRules, 'failedAttempts'>,
): number {
  return Math.min(attempts, failedAttempts + 1);
}

export interface JobBodies {
  readonly head: JobHead;
  readonly rounds: readonly StoredRound[];
  readonly blobs: readonly StoredBlob[];
}

export interface Removable {
  readonly names: readonly BlobName[];
  /** False while an attempt that has ended still owes something, so that more will follow without a change of the job. */
  readonly isAll: boolean;
}

const OF_THEIR_OWN: ReadonlySet<BlobKind> = new Set(['checkpoint', 'model']);

/** What the rules allow to remove now; the same again as long as it is there. */
export function removableBlobs({ head, rounds, blobs }: JobBodies, rules: RetentionRules): Removable {
  const attempts = new Map(rounds.map((stored) => [toRoundKey(stored.id), stored]));
  const expired = expiredAttempts(head, rounds, rules);
  const names = blobs
    .map(({ name }) => name)
    .filter((name) => {
      const stored = attempts.get(toRoundKey(name.id));
      // What no round is known of is not ours to judge.
      if (!stored || !isSettled(stored) || OF_THEIR_OWN.has(name.kind)) return false;
      return expired.has(toRoundKey(name.id)) || isStray(stored, name);
    });
  return { names, isAll: rounds.every((stored) => !hasEnded(stored) || isSettled(stored)) };
}

function expiredAttempts(
  head: JobHead,
  rounds: readonly StoredRound[],
  { publishedRounds, failedAttempts }: RetentionRules,
): Set<string> {
  const latestFirst = rounds
    .filter((stored) => isSettled(stored))
    .toSorted((a, b) => b.id.round - a.id.round || b.id.attempt - a.id.attempt);
  const published = latestFirst.filter(({ round }) => round.phase === 'published');
  const failed = latestFirst.filter(({ round }) => round.phase === 'failed');
  const old = [...published.slice(Math.max(1, publishedRounds)), ...failed.slice(failedAttempts)];
  return new Set(old.filter((stored) => !isProtected(head, stored)).map(({ id }) => toRoundKey(id)));
}

/** The attempt that a job is at or goes on from; of one that failed, an attempt of which shares may be open, which its owners must resolve. */
function isProtected({ status }: JobHead, { id, round }: StoredRound): boolean {
  const current = currentRound({ status });
  if (!current || !isSameRound(current, id)) return false;
  return !isEnded(status) || round.phase !== 'failed' || round.mayHaveOpened;
}

function hasEnded({ round }: StoredRound): boolean {
  return round.phase === 'published' || round.phase === 'failed';
}

function isSettled(stored: StoredRound): boolean {
  return hasEnded(stored) && stored.owed.length === 0;
}

/** What a site uploaded, wholly or in part, for a round that was published without its commitment. */
function isStray({ round }: StoredRound, { kind, owner }: BlobName): boolean {
  if (round.phase !== 'published' || (kind !== 'ciphertext' && kind !== 'shares')) return false;
  return !hasCommitted(round, owner as SiteId);
}

function hasCommitted({ set }: Published, site: SiteId): boolean {
  const isOut = set.excluded.some((exclusion) => exclusion.site === site && exclusion.reason !== 'late');
  return set.members.includes(site) || isOut;
}
