// Keeps what the agent is asked and does where `status` and the local page find it, from the events that it reports anyway.
import type { Refusal } from '@blindsum/proto';
import type { Coordinator } from '../ports.ts';
import type { ProgressEvent, Report } from '../session-progress.ts';
import type { Doing, JobWork, WorkBook } from './work-book.ts';

/** A training reports each epoch, of which there may be hundreds a second. */
const LEAST_MS = 500;

type Change = Partial<Omit<JobWork, 'job'>>;

export class WorkRecorder {
  readonly #book: WorkBook;
  readonly #nowMs: () => number;
  readonly #doing = new Map<string, Doing>();
  readonly #consented: Set<string>;

  constructor(book: WorkBook, nowMs: () => number) {
    this.#book = book;
    this.#nowMs = nowMs;
    this.#consented = new Set(book.works().flatMap((work) => (work.consentedMs ? [work.job] : [])));
  }

  /** Receives the events that `report` receives. */
  following(report: Report): Report {
    return (event) => {
      if ('job' in event) this.#record(event);
      report(event);
    };
  }

  /** The coordinator, with a record of the jobs that it shows. */
  watching(coordinator: Coordinator): Coordinator {
    return {
      ...coordinator,
      job: async (job) => {
        const documents = await coordinator.job(job);
        this.#book.recordOffer({ job, ...documents }, this.#nowMs());
        return documents;
      },
    };
  }

  /** This site takes no part in the job, or not any more. */
  refused(job: string, { code, detail }: Refusal): void {
    this.#book.recordWork(job, { stop: { code, detail, atMs: this.#nowMs() } });
  }

  #record(event: Extract<ProgressEvent, { job: string }>): void {
    const { job } = event;
    const atMs = this.#nowMs();
    if (event.event === 'consented' || event.event === 'applied') this.#book.forgetStop(job);
    if (event.event === 'consented') {
      if (!this.#consented.has(job)) this.#book.recordWork(job, { consentedMs: atMs });
      this.#consented.add(job);
    }
    const change = { ...toStop(event, atMs), ...toEnd(event, atMs), ...toTraining(event, atMs) };
    const doing = this.#turn(event, atMs);
    if (doing !== undefined || Object.keys(change).length > 0)
      this.#book.recordWork(job, { ...change, ...(doing && { doing }) });
  }

  #turn(event: Extract<ProgressEvent, { job: string }>, atMs: number): Doing | undefined {
    const next = toDoing(event);
    if (next === undefined) return undefined;
    const before = this.#doing.get(event.job);
    const isSame =
      before?.activity === next.activity && before.round === next.round && before.attempt === next.attempt;
    if (isSame && next.permille < 1000 && atMs - before.atMs < LEAST_MS) return undefined;
    const doing = { ...next, sinceMs: isSame ? before.sinceMs : atMs, atMs };
    this.#doing.set(event.job, doing);
    return doing;
  }
}

type JobEvent = Extract<ProgressEvent, { job: string }>;

function toStop(event: JobEvent, atMs: number): Change {
  switch (event.event) {
    case 'not-permitted':
    case 'refused':
      return { stop: { code: event.code, detail: event.detail, atMs } };
    case 'held-back':
      return { stop: { code: 'HELD_BACK', detail: event.why, atMs } };
    default:
      return {};
  }
}

function toEnd(event: JobEvent, atMs: number): Change {
  switch (event.event) {
    case 'finished':
      return { end: { how: 'finished', modelHash: event.modelHash, atMs } };
    case 'stopped':
      return { end: { how: `stopped: ${event.reason}`, atMs } };
    case 'withdrawn':
      return { end: { how: `withdrawn from round ${event.fromRound} on`, atMs } };
    default:
      return {};
  }
}

function toTraining(event: JobEvent, atMs: number): Change {
  if (event.event !== 'trained') return {};
  return { training: { backend: event.backend, ms: event.ms, atMs } };
}

function toDoing(event: JobEvent): Omit<Doing, 'sinceMs' | 'atMs'> | undefined {
  switch (event.event) {
    case 'phase':
      return { activity: event.phase, permille: 0, ...placeOf(event) };
    case 'train':
      return {
        activity: 'training',
        permille: Math.floor((1000 * event.epoch) / event.epochs),
        ...placeOf(event),
      };
    case 'trained':
      return { activity: 'encrypting', permille: 0, ...placeOf(event) };
    case 'encrypted':
      return { activity: 'uploading', permille: 0, ...placeOf(event) };
    case 'committed':
      return { activity: 'committed', permille: 0, ...placeOf(event) };
    default:
      return undefined;
  }
}

function placeOf({ round, attempt, kind }: Required<Pick<Doing, 'round' | 'attempt' | 'kind'>>) {
  return { round, attempt, kind };
}
