// Rounds on a common scale of time: each attempt a bar of phases, with who is in, who is not and why.
import type { Finding, RoundDocument, RoundPhase } from './documents.ts';
import { toDuration, toList } from './format.ts';
import { toRoundName } from './job-view.ts';
import { awaitedWord, failureWord, leftOutWord, PHASES, PHASE_ORDER, type Tone } from './words.ts';

export interface Segment {
  readonly phase: RoundPhase;
  /** Of the width of the attempt's whole bar, 0..1; they add up to 1. */
  readonly width: number;
  readonly milliseconds: number;
  readonly text: string;
}

export interface AttemptView {
  readonly key: string;
  readonly round: number;
  readonly attempt: number;
  readonly name: string;
  readonly state: { readonly word: string; readonly tone: Tone };
  readonly startedMs: number;
  readonly milliseconds: number;
  /** Of the longest attempt, 0..1. */
  readonly length: number;
  readonly segments: readonly Segment[];
  readonly contributors: readonly string[];
  /** Sites that are not in, by why. */
  readonly leftOut: readonly SiteGroup[];
  /** Those that something is awaited of, by what; of a round that goes on. */
  readonly awaited: readonly SiteGroup[];
  readonly failure: string | undefined;
  readonly isOver: boolean;
  /** For a reader who does not see the bar. */
  readonly spoken: string;
}

/** Sites of which the same is to be said. */
export interface SiteGroup {
  readonly what: string;
  readonly sites: readonly string[];
}

/** The latest first. `nowMs` by the coordinator's clock: it ends the phase that is under way. */
export function toTimeline(
  rounds: readonly RoundDocument[],
  trainingRounds: number,
  nowMs: number,
): AttemptView[] {
  const longest = Math.max(1, ...rounds.map((round) => lengthOf(round, nowMs)));
  return rounds.map((round) => toAttemptView(round, { trainingRounds, nowMs, longest })).toReversed();
}

interface Scale {
  readonly trainingRounds: number;
  readonly nowMs: number;
  readonly longest: number;
}

function toAttemptView(round: RoundDocument, { trainingRounds, nowMs, longest }: Scale): AttemptView {
  const milliseconds = lengthOf(round, nowMs);
  const segments = toSegments(round, nowMs);
  const name = toRoundName(round.round, trainingRounds);
  const failure = round.failure ? failureWord(round.failure.reason) : undefined;
  return {
    key: `${round.round}.${round.attempt}`,
    round: round.round,
    attempt: round.attempt,
    name,
    state: PHASES[round.phase],
    startedMs: round.startedMs,
    milliseconds,
    length: Math.max(0.02, milliseconds / longest),
    segments,
    contributors: round.contributors,
    leftOut: toGroups(round.leftOut, leftOutWord),
    awaited: toGroups(round.awaited, awaitedWord),
    failure,
    isOver: isOver(round),
    spoken: toSpoken(name, round, segments),
  };
}

/** The largest first; sites as they are listed. */
function toGroups(findings: readonly Finding[], word: (what: string) => string): SiteGroup[] {
  const groups = new Map<string, string[]>();
  for (const { site, what } of findings) groups.set(word(what), [...(groups.get(word(what)) ?? []), site]);
  return [...groups]
    .map(([what, sites]) => ({ what, sites }))
    .toSorted((a, b) => b.sites.length - a.sites.length);
}

export function isOver({ phase }: Pick<RoundDocument, 'phase'>): boolean {
  return phase === 'published' || phase === 'failed';
}

function lengthOf(round: RoundDocument, nowMs: number): number {
  const [first, last] = [round.phases[0], round.phases.at(-1)];
  if (!first || !last) return 0;
  return Math.max(0, (isOver(round) ? last.atMs : Math.max(nowMs, last.atMs)) - first.atMs);
}

/** Each phase lasts until the next begins. */
function toSegments(round: RoundDocument, nowMs: number): Segment[] {
  const whole = Math.max(1, lengthOf(round, nowMs));
  const { phases } = round;
  return phases.flatMap(({ phase, atMs }, i): Segment[] => {
    const next = phases[i + 1]?.atMs ?? (isOver(round) ? undefined : Math.max(nowMs, atMs));
    if (next === undefined) return [];
    const milliseconds = Math.max(0, next - atMs);
    const text = `${PHASES[phase].word}: ${toDuration(milliseconds)}`;
    return [{ phase, milliseconds, width: milliseconds / whole, text }];
  });
}

function toSpoken(name: string, round: RoundDocument, segments: readonly Segment[]): string {
  const attempt = round.attempt > 1 ? `, attempt ${round.attempt}` : '';
  const phases = segments.map(({ text }) => text).join(', ');
  const left = round.leftOut.length > 0 ? `; without ${toList(round.leftOut.map(({ site }) => site))}` : '';
  return `${name}${attempt}: ${PHASES[round.phase].word}. ${phases}${left}`;
}

export interface PhaseCost {
  readonly phase: RoundPhase;
  readonly word: string;
  /** Null for what comes after a round has ended. */
  readonly time: { readonly meanMs: number; readonly longestMs: number; readonly share: number } | null;
  /** By the coordinator, over all attempts, those under way among them. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Sites fetch what they missed also when a round is over. */
const AFTER: Readonly<Partial<Record<RoundPhase, string>>> = {
  published: 'After publishing',
  failed: 'After a failure',
};

/** What each phase took: time over the attempts that ended, bytes over all of them. */
export function toPhaseCosts(rounds: readonly RoundDocument[]): PhaseCost[] {
  const times = toTimes(rounds);
  const traffic = rounds.flatMap((round) => round.traffic);
  const whole = Math.max(1, sum([...times.values()].flat()));
  const phases = [...PHASE_ORDER, 'published', 'failed'] as const;
  return phases.flatMap((phase): PhaseCost[] => {
    const [own, spent] = [traffic.filter((one) => one.phase === phase), times.get(phase)];
    if (own.length === 0 && !spent) return [];
    return [
      {
        phase,
        word: AFTER[phase] ?? PHASES[phase].word,
        time: spent ? toTime(spent, whole) : null,
        receivedBytes: sum(own.map(({ receivedBytes }) => receivedBytes)),
        sentBytes: sum(own.map(({ sentBytes }) => sentBytes)),
      },
    ];
  });
}

function toTimes(rounds: readonly RoundDocument[]): ReadonlyMap<RoundPhase, number[]> {
  const times = new Map<RoundPhase, number[]>();
  for (const round of rounds.filter(isOver))
    for (const { phase, milliseconds } of toSegments(round, 0))
      times.set(phase, [...(times.get(phase) ?? []), milliseconds]);
  return times;
}

function toTime(values: readonly number[], whole: number): NonNullable<PhaseCost['time']> {
  const spent = sum(values);
  return { meanMs: spent / values.length, longestMs: Math.max(...values), share: spent / whole };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
