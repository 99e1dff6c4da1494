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

/**
 * `unreadable`: files are missing, so it is not known. `gone`: it needs the encrypted updates, which the coordinator keeps no longer.
 * `skipped`: it rests on a check that did not pass.
 */
export type CheckStatus = 'ok' | 'failed' | 'unreadable' | 'gone' | 'skipped';

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
  /** `reduced`: all is in order that can be checked without the encrypted updates, which are kept no longer. */
  readonly verdict: 'verified' | 'reduced' | 'failed' | 'unreadable';
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
  const names = Object.keys(ROUND_CHECKS) as CheckName[];
  const checks = names.map((name) => ({
    name,
    status: toStatus(findings[name]),
    proves: ROUND_CHECKS[name].proves,
    findings: listOf(findings[name]),
  }));
  const has = (status: CheckStatus) => checks.some((check) => check.status === status);
  if (has('failed')) return { verdict: 'failed', checks };
  if (has('unreadable') || has('skipped')) return { verdict: 'unreadable', checks };
  return { verdict: has('gone') ? 'reduced' : 'verified', checks };
}

function listOf(findings: CheckFindings[CheckName]): readonly Finding[] {
  return findings === undefined || findings === 'gone' ? [] : findings;
}

function toStatus(findings: CheckFindings[CheckName]): CheckStatus {
  if (!findings) return 'skipped';
  if (findings === 'gone') return 'gone';
  if (findings.length === 0) return 'ok';
  return findings.every(({ code }) => code === 'UNAVAILABLE') ? 'unreadable' : 'failed';
}
