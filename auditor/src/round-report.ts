// What is checked of a published round, in plain words, and the verdict on it.
import type { Digest } from '@blindsum/proto';
import type { Finding } from './finding.ts';

/** Each check: what it proves when it passes, and what it means for people when it fails. In the order in which they are printed. */
export const ROUND_CHECKS = {
  log: {
    proves: 'The public log holds this record once, signed by the federation, after the round before it.',
    failure: 'the public log does not vouch for the record',
  },
  context: {
    proves: 'Every signature was made for this round, its base model and the agreed terms.',
    failure: 'something was signed for another round or other terms',
  },
  commitments: {
    proves: 'Every contributor signed, with its own key, which encrypted update it sends.',
    failure: 'a contribution is not signed by its site',
  },
  ciphertexts: {
    proves: 'The archived encrypted updates are, byte for byte, those that the sites signed.',
    failure: 'an archived update is not the one that its site sent',
  },
  sum: {
    proves: 'The published sum is that of exactly these updates: none is missing, doubled or changed.',
    failure: 'the published sum is not that of the contributions',
  },
  checksums: {
    proves: 'Each contribution is confirmed in the sum by a signed checksum, recomputed here.',
    failure: 'a signed checksum is wrong',
  },
  attestations: {
    proves: 'Enough sites signed the same resulting model and metrics.',
    failure: 'too few sites vouch for the resulting model',
  },
  sealed: {
    proves:
      'The set of contributors was fixed in the log before the result, and everybody left out is named.',
    failure: 'the contributors were not fixed in the log before the result',
  },
} as const;

export type CheckName = keyof typeof ROUND_CHECKS;

const { log, context, commitments, checksums, attestations, sealed } = ROUND_CHECKS;
/** Those that need the log alone, of which one proves less. */
export const RECORD_CHECKS = {
  log,
  context,
  commitments,
  checksums: {
    ...checksums,
    proves:
      'Each contribution has a checksum, signed by its site or by another in its place, about this sum.',
  },
  attestations,
  sealed,
} as const;

export type RecordCheckName = keyof typeof RECORD_CHECKS;

/**
 * `unreadable`: files are missing, so it is not known. `gone`: it needs the encrypted updates, which the coordinator keeps no longer.
 * `erased`: it rests on a record that was erased, as the log says. `skipped`: it rests on a check that did not pass.
 */
export type CheckStatus = 'ok' | 'failed' | 'unreadable' | 'gone' | 'erased' | 'skipped';

/** From good to bad. */
export type Verdict = 'verified' | 'reduced' | 'erased' | 'unreadable' | 'failed';

export interface CheckResult {
  readonly name: CheckName;
  readonly status: CheckStatus;
  readonly proves: string;
  readonly findings: readonly Finding[];
}

/** The verdict on one round. */
export interface RoundReport {
  readonly job: string;
  readonly round: number;
  /**
   * `reduced`: all is in order that can be checked without the encrypted updates, which are kept no longer. `erased`: all is in order
   * that can be checked without records that were erased.
   */
  readonly verdict: Verdict;
  /** Of the record in the log; null when there is none. */
  readonly entry: number | null;
  readonly record: Digest | null;
  /** As the record says. */
  readonly rosterSize: number;
  readonly contributors: number;
  readonly excluded: readonly { readonly member: Digest; readonly reason: string }[];
  readonly checks: readonly CheckResult[];
}

/** What each check found; `gone` where it cannot be made any more, undefined where it was not made. */
export type CheckFindings = Readonly<Record<CheckName, readonly Finding[] | 'gone' | undefined>>;

/** The results in order, and what they come to. */
export function toVerdict(findings: CheckFindings): Pick<RoundReport, 'verdict' | 'checks'> {
  return toVerdictOf(findings, ROUND_CHECKS);
}

/** The same of the checks that need the log alone. */
export function toRecordVerdict(
  findings: Pick<CheckFindings, RecordCheckName>,
): Pick<RoundReport, 'verdict' | 'checks'> {
  return toVerdictOf(findings, RECORD_CHECKS);
}

function toVerdictOf<N extends CheckName>(
  findings: Pick<CheckFindings, N>,
  words: Readonly<Record<N, { readonly proves: string }>>,
): Pick<RoundReport, 'verdict' | 'checks'> {
  const names = Object.keys(words) as N[];
  const checks = names.map((name) => ({
    name,
    status: toStatus(findings[name]),
    proves: words[name].proves,
    findings: listOf(findings[name]),
  }));
  return { verdict: worstOf(checks.map(({ status }) => status)), checks };
}

function worstOf(statuses: readonly CheckStatus[]): Verdict {
  const has = (status: CheckStatus) => statuses.includes(status);
  if (has('failed')) return 'failed';
  if (has('unreadable')) return 'unreadable';
  if (has('erased')) return 'erased';
  if (has('skipped')) return 'unreadable';
  return has('gone') ? 'reduced' : 'verified';
}

function listOf(findings: CheckFindings[CheckName]): readonly Finding[] {
  return findings === undefined || findings === 'gone' ? [] : findings;
}

function toStatus(findings: CheckFindings[CheckName]): CheckStatus {
  if (!findings) return 'skipped';
  if (findings === 'gone') return 'gone';
  const faults = findings.filter(({ isErased }) => !isErased);
  if (faults.length === 0) return findings.length === 0 ? 'ok' : 'erased';
  return faults.every(({ code }) => code === 'UNAVAILABLE') ? 'unreadable' : 'failed';
}
