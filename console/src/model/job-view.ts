// A job as the lists show it.
import type { CurrentRound, JobDocument } from './documents.ts';
import { toCount, toList } from './format.ts';
import { failureWord, JOB_STATES, PHASES, PHASE_ORDER, type Tone } from './words.ts';

export interface JobView {
  readonly job: string;
  readonly description: string;
  readonly state: { readonly word: string; readonly tone: Tone; readonly meaning: string };
  /** Training rounds that are done, and how many there are. */
  readonly done: number;
  readonly of: number;
  /** "Round 3 of 10", "Statistics before training", "Evaluation". */
  readonly round: string;
  /** What it does or waits for, in one line; empty for nothing. */
  readonly doing: string;
  readonly isOpen: boolean;
}

const OPEN: ReadonlySet<JobDocument['state']> = new Set([
  'joining',
  'queued',
  'paused',
  'starting',
  'resuming',
  'running',
  'pausing',
  'cancelling',
]);

export function isOpenJob({ state }: Pick<JobDocument, 'state'>): boolean {
  return OPEN.has(state);
}

export function toJobView(job: JobDocument): JobView {
  const { current, trainingRounds } = job;
  return {
    job: job.job,
    description: job.description,
    state: JOB_STATES[job.state],
    done: job.state === 'finished' ? trainingRounds : toDone(current, trainingRounds),
    of: trainingRounds,
    round: toRoundText(job),
    doing: toDoing(job),
    isOpen: isOpenJob(job),
  };
}

function toRoundText({ state, current, trainingRounds }: JobDocument): string {
  if (state === 'finished') return `all ${trainingRounds} training rounds published`;
  return current ? toRoundName(current.round, trainingRounds) : 'Before its first round';
}

function toDone(current: CurrentRound | null, trainingRounds: number): number {
  if (!current) return 0;
  const published = current.phase === 'published' ? current.round : current.round - 1;
  return Math.max(0, Math.min(trainingRounds, published));
}

/** Round 0 sums statistics of the columns; one round after the last evaluates the model. */
export function toRoundName(round: number, trainingRounds: number): string {
  if (round === 0) return 'Column statistics';
  return round > trainingRounds ? 'Evaluation' : `Round ${round} of ${trainingRounds}`;
}

function toDoing(job: JobDocument): string {
  const { state, current, queuePosition, roster } = job;
  if (state === 'failed') return failureWord(job.failure ?? '');
  if (state === 'cancelled') return job.failure ?? '';
  if (state === 'queued') return queuePosition === null ? '' : `number ${queuePosition} in the queue`;
  if (state === 'joining') return roster.waits ?? 'sites are asked for their consent';
  if (!current || !isOpenJob(job) || state === 'paused') return '';
  return toAwaited(current);
}

/** What the current phase waits for. */
export function toAwaited({ phase, awaited, sitesIn, isCarried }: CurrentRound): string {
  const sites = awaited.map(({ site }) => site);
  if (isCarried) return `waits for ${toList(sites)}, without whom the opened sum cannot be finished`;
  if (phase === 'collecting' && awaited.length > 0)
    return `${toCount(sitesIn, 'update')} in, waits for ${toList(sites)}`;
  return awaited.length > 0 ? `waits for ${toList(sites)}` : PHASES[phase].meaning;
}

export interface PhaseStep {
  readonly word: string;
  readonly meaning: string;
  readonly state: 'done' | 'now' | 'ahead';
}

/** The phases of the current round, and where it is. */
export function toPhaseSteps(phase: CurrentRound['phase']): PhaseStep[] {
  const at = phase === 'published' ? PHASE_ORDER.length : PHASE_ORDER.findIndex((one) => one === phase);
  return PHASE_ORDER.map((one, i) => ({
    word: PHASES[one].word,
    meaning: PHASES[one].meaning,
    state: i < at ? 'done' : i === at ? 'now' : 'ahead',
  }));
}

/** Those that run first, then those that wait, then what has ended; the latest first in each. */
export function inOrder(jobs: Iterable<JobDocument>): JobDocument[] {
  const rank = ({ state }: JobDocument) => (state === 'running' ? 0 : OPEN.has(state) ? 1 : 2);
  return [...jobs].toSorted((a, b) => rank(a) - rank(b) || b.submittedMs - a.submittedMs);
}
