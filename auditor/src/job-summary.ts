// What a log holds of each job, counted.
import type { LogRecord } from '@blindsum/proto/tlog';

/** One job of a log. */
export interface JobSummary {
  readonly job: string;
  /** Rounds published. */
  readonly rounds: number;
  /** Sets sealed. */
  readonly sets: number;
  /** Attempts that failed. */
  readonly failures: number;
  /** How often a member was left out of a published round, by reason. */
  readonly excluded: Readonly<Record<string, number>>;
}

/** `jobs` with one more record counted. */
export function countRecord(
  jobs: ReadonlyMap<string, JobSummary>,
  record: LogRecord,
): ReadonlyMap<string, JobSummary> {
  // What is erased was counted where it could be read, and nowhere else.
  if (!('job' in record.predicate) || record.kind === 'redaction') return jobs;
  const { job } = record.predicate;
  const before = jobs.get(job) ?? { job, rounds: 0, sets: 0, failures: 0, excluded: {} };
  return new Map([...jobs, [job, withRecord(before, record)]]);
}

function withRecord(before: JobSummary, { kind, predicate }: LogRecord): JobSummary {
  switch (kind) {
    case 'round-sealed':
      return { ...before, sets: before.sets + 1 };
    case 'incident':
      return { ...before, failures: before.failures + 1 };
    case 'round':
      return {
        ...before,
        rounds: before.rounds + 1,
        excluded: withReasons(before.excluded, predicate.excluded),
      };
    case 'charter':
    case 'charter-amendment':
    case 'roster':
    case 'manifest':
    case 'consent':
    case 'withdrawal':
    case 'certificate':
    case 'administration':
    case 'release':
    case 'redaction':
    case 'anchor':
      return before;
  }
}

function withReasons(
  counts: JobSummary['excluded'],
  excluded: readonly { readonly reason: string }[],
): JobSummary['excluded'] {
  const sum = new Map(Object.entries(counts));
  for (const { reason } of excluded) sum.set(reason, (sum.get(reason) ?? 0) + 1);
  // Not by assignment: a reason comes from outside and may be called __proto__.
  return Object.fromEntries(sum);
}
