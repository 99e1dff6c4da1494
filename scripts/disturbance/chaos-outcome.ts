// What came of a run: for programs, for people, and whether it is good.
import type { AuditStep } from '../demonstration/outcome.ts';

export interface RoundCounts {
  /** Training rounds asked for. */
  readonly training: number;
  readonly published: number;
  /** Training rounds that ended without being published, each with the reason of its last attempt. */
  readonly failed: readonly string[];
  /** Attempts that failed and were repeated, with their reasons. */
  readonly repeated: readonly string[];
  /** Rounds of any kind that are neither: the run ended too early, or the state is wrong. */
  readonly unsettled: readonly string[];
}

export interface ChaosOutcome {
  readonly seed: number;
  readonly sites: number;
  readonly seconds: number;
  /** Names of the victims, in order. */
  readonly kills: readonly string[];
  /** How often each place was hit. */
  readonly places: ReadonlyMap<string, number>;
  readonly cuts: number;
  readonly bytesUp: number;
  /** How often sites were told to wait because a quota was used up. */
  readonly quotaRefusals: number;
  readonly recoveries: {
    readonly count: number;
    readonly longest: { readonly name: string; readonly ms: number } | undefined;
  };
  readonly rounds: RoundCounts;
  /** Each thing that was lost, or counted twice, in a few words. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly resentBytes: number;
  readonly trainingsRepeated: number;
  /** Rounds of which sites hold different results. */
  readonly disagreements: readonly number[];
  /** One for each site, empty where there is none. */
  readonly modelHashes: readonly string[];
  /** Processes that ended by themselves, and why. */
  readonly ownEnds: readonly string[];
  readonly audit: readonly AuditStep[];
}

/** True if every site holds one and the same model, and agreed with the others on every round before. */
export function areModelHashesEqual({ modelHashes, disagreements }: ChaosOutcome): boolean {
  return disagreements.length === 0 && modelHashes[0] !== '' && new Set(modelHashes).size === 1;
}

/** What is wrong, one sentence each; none if the run is good. */
export function problemsOf(outcome: ChaosOutcome): string[] {
  const { rounds, lost, doubled, resentBytes, trainingsRepeated, audit } = outcome;
  const checks: [boolean, string][] = [
    [lost.length === 0, `lost: ${lost.join('; ')}`],
    [doubled.length === 0, `counted twice: ${doubled.join('; ')}`],
    [resentBytes === 0, `${resentBytes} acknowledged bytes were sent again`],
    [
      trainingsRepeated === 0,
      `${trainingsRepeated} trainings were repeated although their update was on disk`,
    ],
    [rounds.unsettled.length === 0, `neither published nor failed: ${rounds.unsettled.join('; ')}`],
    [areModelHashesEqual(outcome), 'the sites hold different models'],
    [audit.length > 0 && audit.every(({ ok }) => ok), 'the audit failed'],
  ];
  return checks.filter(([isGood]) => !isGood).map(([, problem]) => problem);
}

/** The keys that the issue names first, in its order. */
export function toJson(outcome: ChaosOutcome): object {
  const { rounds, recoveries, audit } = outcome;
  return {
    kills: outcome.kills.length,
    cuts: outcome.cuts,
    roundsPublished: rounds.published,
    roundsFailed: rounds.failed.length,
    lost: outcome.lost.length,
    doubleCounted: outcome.doubled.length,
    modelHashesEqual: areModelHashesEqual(outcome),
    auditOk: audit.length > 0 && audit.every(({ ok }) => ok),
    longestRecoveryMs: Math.round(recoveries.longest?.ms ?? 0),
    ok: problemsOf(outcome).length === 0,
    problems: problemsOf(outcome),
    seed: outcome.seed,
    sites: outcome.sites,
    rounds: rounds.training,
    seconds: outcome.seconds,
    recoveries: recoveries.count,
    attemptsRepeated: rounds.repeated,
    failures: rounds.failed,
    resentBytes: outcome.resentBytes,
    trainingsRepeated: outcome.trainingsRepeated,
    modelHashes: outcome.modelHashes,
    ownEnds: outcome.ownEnds,
    places: Object.fromEntries(outcome.places),
    bytesUp: outcome.bytesUp,
    quotaRefusals: outcome.quotaRefusals,
  };
}

/** A page for people. */
export function toText(outcome: ChaosOutcome): string {
  const { rounds, recoveries, kills, audit } = outcome;
  const problems = problemsOf(outcome);
  const seconds = Math.round(outcome.seconds);
  const verdict =
    problems.length === 0
      ? `OK: nothing lost, nothing counted twice, one model, the audit passes (${seconds} seconds)`
      : ['FAILED:', ...problems.map((problem) => `  ${problem}`)].join('\n');
  const lines = [
    `${kills.length} kills: ${countEach(kills)}; ${recoveries.count} recoveries, the longest ${toLongest(recoveries.longest)}`,
    `${outcome.cuts} connections cut; ${(outcome.bytesUp / 2 ** 20).toFixed(1)} MiB from the sites, ${outcome.resentBytes} acknowledged bytes sent again; refused for a small quota ${outcome.quotaRefusals} times`,
    `${rounds.published} of ${rounds.training} training rounds published, ${rounds.failed.length} failed; attempts repeated: ${rounds.repeated.length}`,
    `${outcome.lost.length} lost, ${outcome.doubled.length} counted twice, ${outcome.trainingsRepeated} trainings repeated`,
    ...[...rounds.failed, ...rounds.repeated, ...outcome.ownEnds].map((text) => `  ${text}`),
    '',
    'Where they were hit',
    ...[...outcome.places]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([place, count]) => `${String(count).padStart(5)}  ${place}`),
    '',
    ...audit.flatMap(({ command, text }) => [`$ ${command}`, text, '']),
    verdict,
  ];
  return `${lines.join('\n')}\n`;
}

function toLongest(longest: ChaosOutcome['recoveries']['longest']): string {
  return longest ? `${(longest.ms / 1000).toFixed(1)} s (${longest.name})` : 'none';
}

function countEach(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} ${count}`).join(', ') || 'nobody';
}
