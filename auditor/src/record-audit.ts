// The checks of a published round that need its records alone: what the log vouches for, and what the sites signed.
import type { Digest } from '@blindsum/proto';
import { excuse } from './erasures.ts';
import {
  verifyAttestations,
  verifyChecksums,
  verifyCommitments,
  verifyContexts,
  verifyContributors,
} from './evidence-check.ts';
import { findingsOf, type Finding } from './finding.ts';
import type { PublishedRound } from './published-rounds.ts';
import { findSet, verifyChain, verifySet, verifyTerms, type JobHistory } from './round-check.ts';
import type { CheckFindings, RecordCheckName, RoundReport } from './round-report.ts';

export type RecordFindings = Readonly<Record<RecordCheckName, readonly Finding[] | undefined>>;

/** Nothing was checked. */
export const NO_RECORD: RecordFindings & Pick<CheckFindings, RecordCheckName> = {
  log: undefined,
  context: undefined,
  commitments: undefined,
  checksums: undefined,
  attestations: undefined,
  sealed: undefined,
};

/**
 * What is wrong with a round's record. `treeFindings`: what is wrong with the tree that it is in; `federation`: name of the log.
 * Where it rests on a record that was erased, the erasure is named instead of what would be wrong without that record.
 */
export function checkRecord(
  published: PublishedRound,
  treeFindings: readonly Finding[],
  federation: string,
): RecordFindings {
  const { findings, missing, gaps, history } = published;
  const log = [...treeFindings, ...findings, ...excuse(missing, gaps)];
  return history ? checkAgainst(history, published, { log, federation }) : { ...NO_RECORD, log };
}

/** What a round's record says of itself. */
export function toTurnout({ entry, digest, round }: PublishedRound): Omit<RoundReport, 'verdict' | 'checks'> {
  return {
    job: round.job,
    round: round.round,
    entry,
    record: digest,
    rosterSize: round.counts.roster,
    contributors: round.setSize,
    excluded: round.excluded,
  };
}

function checkAgainst(
  history: JobHistory,
  { entry, round, sets, gaps }: PublishedRound,
  { log, federation }: { readonly log: readonly Finding[]; readonly federation: string },
): RecordFindings {
  const keys = history.rosters.get(round.rosterHash)?.keys ?? new Map<Digest, string>();
  const members = findSet(history, round)?.members ?? round.commitments.map(({ member }) => member);
  const check = (...verify: (() => void)[]) => verify.flatMap((one) => findingsOf(entry, one));
  const checkResting = (...verify: (() => void)[]) => excuse(check(...verify), gaps);
  return {
    log: [...log, ...checkResting(() => verifyChain(history, round))],
    context: [
      ...check(
        () => verifyTerms(history, round, federation),
        () => verifyContexts(round),
      ),
    ],
    commitments: [
      ...check(() => verifyCommitments(round, members, keys)),
      ...checkResting(() => verifyContributors(round, history.consents)),
    ],
    checksums: check(() => verifyChecksums(round, members, keys)),
    attestations: check(() => verifyAttestations(round, keys)),
    sealed: [
      ...sets.standing,
      ...excuse([...sets.content, ...check(() => void verifySet(history, round))], gaps),
    ],
  };
}
