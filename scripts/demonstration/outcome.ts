// Everything the demonstration found out, and whether that is a success.
import type { Score } from './baselines.ts';
import type { Dataset } from './datasets.ts';

/** One site of the finished federation. */
export interface SiteOutcome {
  readonly site: string;
  readonly trainingRows: number;
  readonly holdoutRows: number;
  /** Share of its rows with the positive label, 0..1. */
  readonly positives: number;
  /** What it reaches without the others, on the held-out rows of all sites. */
  readonly alone: Score;
  /** Of the model that it holds in the end. */
  readonly modelHash: string;
}

export type RoundKind = 'statistics' | 'training' | 'evaluation';

export interface PhaseSpan {
  readonly phase: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** One attempt of one round; times are milliseconds since the first began. */
export interface RoundOutcome {
  readonly round: number;
  readonly attempt: number;
  readonly kind: RoundKind;
  readonly state: string;
  /** Whose update is in the sum. */
  readonly contributors: readonly string[];
  /** Every other site of the roster, and why; of a failed attempt, what was missed of whom. */
  readonly leftOut: readonly { readonly site: string; readonly what: string }[];
  /** Why the attempt failed, in one word; undefined if it did not. */
  readonly failure: string | undefined;
  readonly phases: readonly PhaseSpan[];
  /** What the sites attested of the model that the round started from. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface WireCost {
  readonly parameters: number;
  /** Ciphertext of one site in one training round, as uploaded. */
  readonly ciphertextBytes: number;
  readonly bits: number;
  /** Bytes per parameter once a model fills many chunks. */
  readonly asymptoticBytesPerParameter: number;
}

export interface AuditStep {
  /** The command as a user would type it. */
  readonly command: string;
  readonly ok: boolean;
  /** What it said. */
  readonly text: string;
}

export interface Outcome {
  readonly dataset: Dataset;
  readonly sites: readonly SiteOutcome[];
  /** Training rounds asked for. */
  readonly trainingRounds: number;
  readonly rounds: readonly RoundOutcome[];
  readonly federated: Score;
  readonly pooled: Score;
  readonly wire: WireCost;
  /** Seconds until records of the job and its rounds were durable in the log. */
  readonly logSeconds: number;
  readonly audit: readonly AuditStep[];
  readonly seconds: number;
}

export function publishedRounds({ rounds }: Outcome, kind: RoundKind): number {
  return new Set(
    rounds.filter((one) => one.kind === kind && one.state === 'published').map(({ round }) => round),
  ).size;
}

export function bytesPerParameter({ wire }: Outcome): number {
  return wire.ciphertextBytes / wire.parameters;
}

/** What the log took of the time of all rounds, 0..1. */
export function logShare(outcome: Pick<Outcome, 'rounds' | 'logSeconds'>): number {
  const seconds = [...secondsPerPhase(outcome).values()].reduce((sum, one) => sum + one, 0);
  return outcome.logSeconds / seconds;
}

export function isAuditOk({ audit }: Outcome): boolean {
  return audit.length > 0 && audit.every(({ ok }) => ok);
}

/** What keeps the run from being a success, one sentence each; empty for a success. */
export function problemsOf(outcome: Outcome): string[] {
  const published = publishedRounds(outcome, 'training');
  const hashes = new Set(outcome.sites.map(({ modelHash }) => modelHash));
  const checks: [boolean, string][] = [
    [
      published === outcome.trainingRounds,
      `${published} of ${outcome.trainingRounds} training rounds were published`,
    ],
    [publishedRounds(outcome, 'statistics') === 1, 'the statistics round was not published'],
    [publishedRounds(outcome, 'evaluation') === 1, 'the evaluation round was not published'],
    [hashes.size === 1 && !hashes.has(''), 'the sites hold different models'],
    [isAuditOk(outcome), 'the audit failed'],
  ];
  return checks.filter(([isGood]) => !isGood).map(([, problem]) => problem);
}

/** Seconds spent in each phase, all rounds together, in the order in which the phases first began. */
export function secondsPerPhase({ rounds }: Pick<Outcome, 'rounds'>): Map<string, number> {
  const seconds = new Map<string, number>();
  for (const { phase, startMs, endMs } of rounds.flatMap(({ phases }) => phases))
    seconds.set(phase, (seconds.get(phase) ?? 0) + (endMs - startMs) / 1000);
  return seconds;
}

/** A metric of the global model after each training round, from 0 (before any) to the last. */
export function curveOf({ rounds }: Outcome, metric: string): { round: number; value: number }[] {
  return rounds
    .filter(({ kind, state }) => kind !== 'statistics' && state === 'published')
    .map(({ round, metrics }) => ({ round: round - 1, value: (metrics[metric] ?? NaN) / 1e6 }))
    .filter(({ value }) => Number.isFinite(value));
}

/** The results as --json writes them. */
export function toJson(outcome: Outcome): Record<string, unknown> {
  const { dataset, sites, trainingRounds, federated, pooled, wire, seconds, rounds, audit } = outcome;
  return {
    dataset: dataset.name,
    sites: sites.length,
    rounds: trainingRounds,
    publishedRounds: publishedRounds(outcome, 'training'),
    federated,
    pooled,
    alone: sites.map(({ site, alone }) => ({ site, accuracy: alone.accuracy, auc: alone.auc })),
    bytesPerParameter: bytesPerParameter(outcome),
    logShare: logShare(outcome),
    modelHashes: sites.map(({ modelHash }) => modelHash),
    auditOk: isAuditOk(outcome),
    seconds,
    ok: problemsOf(outcome).length === 0,
    problems: problemsOf(outcome),
    wire,
    secondsPerPhase: Object.fromEntries(secondsPerPhase(outcome)),
    roundDetails: rounds,
    audit,
  };
}
