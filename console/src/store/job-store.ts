// What the page of one job shows besides what all pages share: its rounds, what has been uploaded, and its curves.
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { ask, askAll, Problem } from '../api/api.ts';
import type { CurvePoint, JobDetail, RoundDetail, RoundDocument } from '../model/documents.ts';
import { withRound, type LiveEvent } from '../model/live-state.ts';
import { withProgress, type Uploads } from '../model/uploads.ts';

export class JobStore {
  readonly job: string;
  readonly #detail = signal<JobDetail | undefined>(undefined);
  readonly #rounds = signal<readonly RoundDocument[]>([]);
  readonly #uploads = signal<Uploads>(new Map());
  readonly #curves = signal<readonly CurvePoint[]>([]);
  readonly #problem = signal<Problem | undefined>(undefined);

  constructor(job: string) {
    this.job = job;
  }

  get detail(): ReadonlySignal<JobDetail | undefined> {
    return this.#detail;
  }

  get rounds(): ReadonlySignal<readonly RoundDocument[]> {
    return this.#rounds;
  }

  get uploads(): ReadonlySignal<Uploads> {
    return this.#uploads;
  }

  get curves(): ReadonlySignal<readonly CurvePoint[]> {
    return this.#curves;
  }

  get problem(): ReadonlySignal<Problem | undefined> {
    return this.#problem;
  }

  get #path(): string {
    return `/v1/jobs/${encodeURIComponent(this.job)}`;
  }

  async read(): Promise<void> {
    try {
      const [detail, rounds] = await Promise.all([
        ask<JobDetail>(this.#path),
        askAll<RoundDocument>(`${this.#path}/rounds`, 'rounds'),
      ]);
      batch(() => {
        this.#detail.value = detail;
        this.#rounds.value = rounds.toSorted((a, b) => a.round - b.round || a.attempt - b.attempt);
        this.#problem.value = undefined;
      });
      await Promise.all([this.#readCurves(), this.#readUploads()]);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#problem.value = error;
    }
  }

  hear(event: LiveEvent): void {
    switch (event.type) {
      case 'reset':
        void this.read();
        return;
      case 'round':
        if (event.round.job === this.job) this.#hearRound(event.round);
        return;
      case 'upload':
        if (event.upload.job === this.job)
          this.#uploads.value = withProgress(this.#uploads.value, event.upload);
        return;
      case 'job':
        if (event.job.job === this.job && this.#detail.value)
          this.#detail.value = { ...this.#detail.value, ...event.job };
        return;
      default:
        return;
    }
  }

  #hearRound(round: RoundDocument): void {
    this.#rounds.value = withRound(this.#rounds.value, round);
    if (round.phase === 'published') void this.#readCurves();
  }

  /** Curves are a thing to look at: the page is whole without them. */
  async #readCurves(): Promise<void> {
    const answer = await ask<{ rounds: CurvePoint[] }>(`${this.#path}/curves`).catch(() => undefined);
    if (answer) this.#curves.value = answer.rounds;
  }

  /** Of the latest round alone: earlier ones are whole. */
  async #readUploads(): Promise<void> {
    const last = this.#rounds.value.at(-1);
    if (!last) return;
    const path = `${this.#path}/rounds/${last.round}`;
    const answer = await ask<{ attempts: RoundDetail[] }>(path).catch(() => undefined);
    const detail = answer?.attempts.find(({ attempt }) => attempt === last.attempt);
    if (!detail) return;
    this.#uploads.value = detail.uploads
      .map(({ site, ciphertextBytes }) => ({
        ...{ job: this.job, round: last.round, attempt: last.attempt, site },
        ...{ kind: 'ciphertext', bytes: ciphertextBytes, ofBytes: 0 },
      }))
      .reduce(withProgress, this.#uploads.value);
  }
}
