// Checks published rounds of a log against an archive of their ciphertexts.
import { Refusal, type JobId } from '@blindsum/proto';
import { toNameDigest, toRoundName, type Checkpoint } from '@blindsum/proto/tlog';
import { readArchiveMembers } from './archive.ts';
import { createPartMemory } from './contributions.ts';
import { toGap, type ErasedRecord } from './erasures.ts';
import type { Finding } from './finding.ts';
import { readLogHead, type LogHead } from './log-head.ts';
import type { LogReader } from './log-reader.ts';
import { readPublishedRounds, type PublishedRound, type PublishedRounds } from './published-rounds.ts';
import { auditRound, reportUnpublished } from './round-audit.ts';
import type { RoundReport, Verdict } from './round-report.ts';

/** Which rounds: one of a job, all of a job, or all. */
export type RoundSelection =
  { readonly job: JobId; readonly round: number } | { readonly job?: JobId; readonly round?: undefined };

export interface VerifyRequest {
  readonly reader: LogReader;
  /** Folder of the archive. */
  readonly archive: string;
  readonly selection: RoundSelection;
  /** The key of the log that is trusted; without it the log's own is taken. */
  readonly vkey?: string | undefined;
  /** Told the round, and how many of its parts to be read have been. */
  readonly onProgress?: (name: string, done: number, total: number) => void;
}

/** The verdict on the rounds that were asked for. */
export interface VerifyReport extends Omit<LogHead, 'checkpoint' | 'findings'> {
  /** True when everything was verified. */
  readonly ok: boolean;
  readonly verdict: Verdict;
  /** True when every published round of the log or of a job was asked for. */
  readonly isAll: boolean;
  readonly archive: string;
  /** What is wrong with the log that is not about one of the rounds. */
  readonly findings: readonly Finding[];
  readonly rounds: readonly RoundReport[];
  /** Records of rounds among those asked for that were erased, as the log says: which rounds they were, nobody can tell any more. */
  readonly erased: readonly ErasedRecord[];
}

/**
 * Checks the selected rounds. Refuses UNAVAILABLE when the log cannot be read, MALFORMED for a `vkey` that is none, NOT_FOUND when
 * all rounds are asked for and none is published; whatever else is wrong is in the report.
 */
export async function verifyRounds(request: VerifyRequest): Promise<VerifyReport> {
  const { reader, archive, selection } = request;
  const { checkpoint, findings, ...named } = await readLogHead(reader, request.vkey);
  const isAll = selection.round === undefined;
  const about = { ...named, archive, isAll };
  if (!checkpoint) {
    const rounds = isAll ? [] : [reportUnpublished(selection.job, selection.round, findings)];
    return { ok: false, verdict: 'failed', ...about, findings, rounds, erased: [] };
  }
  const published = await readPublishedRounds(reader, checkpoint);
  // A key that is not the trusted one makes the log's word worthless, like a tree that it did not sign.
  const treeFindings = [...findings, ...published.treeFindings];
  const rounds = await auditAll({ ...published, treeFindings }, checkpoint, request);
  const { recordFindings } = published;
  // A record that cannot be read may be that of a round.
  const isSuspect = treeFindings.length > 0 || (isAll && recordFindings.length > 0);
  const erased = isAll ? published.erased.filter((record) => isAsked(record, selection)) : [];
  const verdict = isSuspect ? 'failed' : worst(rounds, erased);
  const all = [...treeFindings, ...recordFindings];
  return { ok: verdict === 'verified', verdict, ...about, findings: all, rounds, erased };
}

async function auditAll(
  published: PublishedRounds,
  { origin }: Checkpoint,
  { archive, selection, onProgress }: VerifyRequest,
): Promise<RoundReport[]> {
  const { rounds, treeFindings } = published;
  const selected = selectRounds(rounds, selection);
  if (selected.length === 0) return reportMissing(published, selection);
  const memory = createPartMemory();
  const names = await readArchiveMembers(archive);
  const reports: RoundReport[] = [];
  for (const one of selected) {
    const name = toRoundName(one.round);
    const tools = {
      archive,
      names,
      federation: origin,
      memory,
      onProgress: (done: number, total: number) => onProgress?.(name, done, total),
    };
    reports.push(await auditRound(one, treeFindings, tools));
  }
  return reports;
}

/** The records of the rounds that are asked for. */
export function selectRounds(
  rounds: readonly PublishedRound[],
  { job, round: number }: RoundSelection,
): PublishedRound[] {
  return rounds.filter(
    ({ round }) =>
      (job === undefined || round.job === job) && (number === undefined || round.round === number),
  );
}

function reportMissing(published: PublishedRounds, { job, round }: RoundSelection): RoundReport[] {
  if (job === undefined || round === undefined) {
    if (published.erased.some((record) => isAsked(record, { ...(job && { job }) }))) return [];
    throw new Refusal(
      'NOT_FOUND',
      `the log publishes no round${job === undefined ? '' : ` of job ${job}`}: nothing was verified`,
    );
  }
  const { findings, erased } = explainMissing(published, { job, round });
  return [reportUnpublished(job, round, findings, erased)];
}

/** Why the log does not publish a round: its record was erased, or there is none. */
export function explainMissing(
  { rounds, treeFindings, recordFindings, erased }: PublishedRounds,
  { job, round }: { readonly job: JobId; readonly round: number },
): { readonly findings: readonly Finding[]; readonly erased?: ErasedRecord } {
  // Of what was erased, the log keeps a digest of its name.
  const name = toNameDigest(toRoundName({ job, round }));
  const gap = erased.find((record) => record.kind === 'round' && record.name === name);
  if (gap) return { findings: [...treeFindings, toGap(gap)], erased: gap };
  const jobs = [...new Set(rounds.map((one) => one.round.job))];
  const other = jobs.includes(job) ? '' : `; jobs with published rounds: ${jobs.join(', ') || 'none'}`;
  const message = `the log has no record that publishes ${toRoundName({ job, round })}${other}`;
  return { findings: [{ code: 'NOT_FOUND', message }, ...treeFindings, ...recordFindings] };
}

function isAsked(record: ErasedRecord, { job }: { readonly job?: JobId }): boolean {
  return record.kind === 'round' && (job === undefined || record.job === job);
}

const FROM_BAD_TO_GOOD = ['failed', 'unreadable', 'erased', 'reduced'] as const;

function worst(rounds: readonly RoundReport[], erased: readonly ErasedRecord[]): Verdict {
  const verdicts = new Set<Verdict>(rounds.map(({ verdict }) => verdict));
  if (erased.length > 0) verdicts.add('erased');
  return FROM_BAD_TO_GOOD.find((verdict) => verdicts.has(verdict)) ?? 'verified';
}
