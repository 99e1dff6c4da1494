// What the page of one job shows besides what all pages share: its rounds, what has been uploaded, and its curves.
import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { CHUNK_BYTES } from '@blindsum/proto';
import { answerOf, api, everyItem, Problem } from '../api/api.ts';
import type { CurvePoint, JobDetail, RoundDocument } from '../model/documents.ts';
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

  async read(): Promise<void> {
    const path = { job: this.job };
    try {
      const [detail, rounds, curves] = await Promise.all([
        answerOf(api.GET('/v1/jobs/{job}', { params: { path } })),
        everyItem('rounds', (query) => api.GET('/v1/jobs/{job}/rounds', { params: { path, query } })),
        this.#askForCurves(),
      ]);
      batch(() => {
        this.#detail.value = detail;
        this.#rounds.value = rounds.toSorted((a, b) => a.round - b.round || a.attempt - b.attempt);
        this.#curves.value = curves;
        this.#problem.value = undefined;
      });
      await this.#readUploads();
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
        if (event.data.round.job === this.job) this.#hearRound(event.data.round);
        return;
      case 'upload':
        if (event.data.job === this.job) this.#uploads.value = withProgress(this.#uploads.value, event.data);
        return;
      case 'job':
        if (event.data.job.job === this.job && this.#detail.value)
          this.#detail.value = { ...this.#detail.value, ...event.data.job };
        return;
      default:
        return;
    }
  }

  #hearRound(round: RoundDocument): void {
    this.#rounds.value = withRound(this.#rounds.value, round);
    if (round.phase === 'published')
      void this.#askForCurves().then((curves) => (this.#curves.value = curves));
  }

  /** Curves are a thing to look at: the page is whole without them, and keeps those that it has. */
  async #askForCurves(): Promise<readonly CurvePoint[]> {
    const path = { job: this.job };
    const call = api.GET('/v1/jobs/{job}/curves', { params: { path } });
    const answer = await answerOf(call).catch(() => undefined);
    return answer?.rounds ?? this.#curves.value;
  }

  /** Of the latest round alone: earlier ones are whole. */
  async #readUploads(): Promise<void> {
    const last = this.#rounds.value.at(-1);
    if (!last) return;
    const { round, attempt } = last;
    const call = api.GET('/v1/jobs/{job}/rounds/{round}', { params: { path: { job: this.job, round } } });
    const answer = await answerOf(call).catch(() => undefined);
    const detail = answer?.attempts.find((one) => one.attempt === attempt);
    if (!detail) return;
    this.#uploads.value = detail.uploads
      .map(({ site, ciphertextBytes }) => ({
        ...{ job: this.job, round, attempt, site },
        ...{ kind: 'ciphertext' as const, bytes: ciphertextBytes, ofBytes: detail.chunks * CHUNK_BYTES },
      }))
      .reduce(withProgress, this.#uploads.value);
  }
}
