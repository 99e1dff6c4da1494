// What a log alone says of one round, and whether that is in order: who took part, what came of it, which attempts failed.
import type { Digest, JobId } from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import { readLogHead, type LogHead } from './log-head.ts';
import type { LogReader } from './log-reader.ts';
import type { Finding } from './finding.ts';
import { readPublishedRounds, type PublishedRound, type PublishedRounds } from './published-rounds.ts';
import { checkRecord, NO_RECORD, toTurnout } from './record-audit.ts';
import { toRecordVerdict, type RoundReport } from './round-report.ts';
import { explainMissing, selectRounds } from './verify-rounds.ts';

/** A member of the round's roster. */
export interface MemberPart {
  /** Its place in the roster, from 1. */
  readonly index: number;
  readonly member: Digest;
  /** `contributed`, or why not, as the record says; `unknown` when it says neither. */
  readonly part: string;
  /** True when another member signed its checksum in its place. */
  readonly isProxied: boolean;
  /** True when it signed the result. */
  readonly hasAttested: boolean;
}

/** What the record says came of the round. */
export interface RoundResult {
  readonly kind: string;
  readonly attempt: number;
  readonly threshold: number;
  readonly modelHash: Digest;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface FailedAttempt {
  readonly attempt: number;
  readonly reason: string;
}

/** The verdict on a round, and what there is to tell of it. */
export interface RoundView extends RoundReport, Omit<LogHead, 'checkpoint' | 'findings'> {
  readonly ok: boolean;
  /** In roster order; empty when the roster cannot be read. */
  readonly members: readonly MemberPart[];
  /** Null when there is no record. */
  readonly result: RoundResult | null;
  readonly failedAttempts: readonly FailedAttempt[];
  /** What is wrong with the log that is not about this round. */
  readonly findings: readonly Finding[];
}

export interface RoundName {
  readonly job: JobId;
  readonly round: number;
}

/**
 * Looks at a round in the log. Refuses UNAVAILABLE when the log cannot be read, MALFORMED for a `vkey` that is none; whatever else
 * is wrong is in the report.
 */
export async function viewRound(reader: LogReader, asked: RoundName, vkey?: string): Promise<RoundView> {
  const { checkpoint, findings, ...named } = await readLogHead(reader, vkey);
  if (!checkpoint) return { ...named, ...toUnpublished(asked, findings), findings };
  const found = await readPublishedRounds(reader, checkpoint);
  const published = { ...found, treeFindings: [...findings, ...found.treeFindings] };
  const { treeFindings, recordFindings, incidents } = published;
  const failedAttempts = incidents
    .filter(({ job, round }) => job === asked.job && round === asked.round)
    .map(({ attempt, reason }) => ({ attempt, reason }));
  const view = viewOf(published, asked, checkpoint.origin);
  return { ...named, ...view, failedAttempts, findings: [...treeFindings, ...recordFindings] };
}

type BareView = Omit<RoundView, keyof LogHead>;

function viewOf(published: PublishedRounds, asked: RoundName, origin: string): BareView {
  const [first, second] = selectRounds(published.rounds, asked);
  if (!first) {
    const { findings, erased } = explainMissing(published, asked);
    return toUnpublished(asked, findings, erased);
  }
  const record = checkRecord(first, published.treeFindings, origin);
  // Which of two is the round, nobody can tell.
  const log = [...(record.log ?? []), ...(second ? [toRepetition(first, second)] : [])];
  const verdict = toRecordVerdict({ ...record, log });
  return {
    ok: verdict.verdict === 'verified',
    ...toTurnout(first),
    ...verdict,
    members: toMembers(first),
    result: toResult(first.round),
    failedAttempts: [],
  };
}

function toRepetition(first: PublishedRound, { entry }: PublishedRound): Finding {
  return {
    code: 'BAD_RECORD',
    entry,
    message: `a second record of the round: entry ${first.entry} is the first`,
  };
}

function toUnpublished(
  { job, round }: RoundName,
  log: readonly Finding[],
  erased?: { readonly entry: number; readonly record: Digest },
): BareView {
  return {
    ok: false,
    ...{ job, round, entry: erased?.entry ?? null, record: erased?.record ?? null },
    ...{ rosterSize: 0, contributors: 0, excluded: [] },
    ...toRecordVerdict({ ...NO_RECORD, log }),
    ...{ members: [], result: null, failedAttempts: [] },
  };
}

function toMembers({ round, history }: PublishedRound): MemberPart[] {
  const roster = history?.rosters.get(round.rosterHash)?.record.members ?? [];
  const contributors = new Set(round.commitments.map(({ member }) => member));
  const reasons = new Map(round.excluded.map(({ member, reason }) => [member, reason]));
  const proxied = new Set(round.checksums.filter(({ proxy }) => proxy).map(({ member }) => member));
  const attesters = new Set(round.attestations.map(({ member }) => member));
  return roster.map(({ index, member }) => ({
    index,
    member,
    part: contributors.has(member) ? 'contributed' : (reasons.get(member) ?? 'unknown'),
    isProxied: proxied.has(member),
    hasAttested: attesters.has(member),
  }));
}

function toResult({ kind, attempt, threshold, modelHash, metrics }: Predicate<'round'>): RoundResult {
  return { kind, attempt, threshold, modelHash, metrics };
}
