// What the page of the audit trail shows: the newest entries that were asked for, kept current, and earlier ones on demand.
import { signal, type ReadonlySignal } from '@preact/signals';
import { answerOf, api, Problem } from '../api/api.ts';
import type { LiveEvent } from '../model/live-state.ts';
import { NO_FILTER, toTrailQuery, withNewest, type TrailFilter, type TrailPage } from '../model/trail.ts';

const PAGE = 50;

export class TrailStore {
  readonly #nowMs: () => number;
  readonly #page = signal<TrailPage | undefined>(undefined);
  readonly #filter = signal<TrailFilter>(NO_FILTER);
  readonly #problem = signal<Problem | undefined>(undefined);
  /** One more with each filter: an answer to an earlier one comes too late. */
  #asked = 0;

  /** `nowMs` by the coordinator's clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Undefined until it was read. */
  get page(): ReadonlySignal<TrailPage | undefined> {
    return this.#page;
  }

  get filter(): ReadonlySignal<TrailFilter> {
    return this.#filter;
  }

  get problem(): ReadonlySignal<Problem | undefined> {
    return this.#problem;
  }

  seek(change: Partial<TrailFilter>): Promise<void> {
    this.#filter.value = { ...this.#filter.value, ...change };
    this.#asked++;
    this.#page.value = undefined;
    return this.read();
  }

  /** Reads the newest page, and puts it before what is known. */
  read(): Promise<void> {
    return this.#ask(null, (known, newest) => (known ? withNewest(known, newest) : newest));
  }

  /** Reads what came before the earliest that is known; does nothing at the beginning. */
  async readEarlier(): Promise<void> {
    const cursor = this.#page.value?.next ?? null;
    if (cursor === null) return;
    await this.#ask(cursor, (known, { entries, next }) =>
      // What is known may have changed meanwhile, but not at its end.
      known?.next === cursor
        ? { entries: [...known.entries, ...entries], next }
        : (known ?? { entries, next }),
    );
  }

  hear(event: LiveEvent): void {
    if (event.type === 'trail' || event.type === 'reset') void this.read();
  }

  async #ask(
    cursor: string | null,
    apply: (known: TrailPage | undefined, answer: TrailPage) => TrailPage,
  ): Promise<void> {
    const asked = this.#asked;
    const query = toTrailQuery(this.#filter.value, { nowMs: this.#nowMs(), cursor, limit: PAGE });
    try {
      const answer = await answerOf(api.GET('/v1/audit-trail', { params: { query } }));
      if (asked !== this.#asked) return;
      this.#page.value = apply(this.#page.value, answer);
      this.#problem.value = undefined;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (asked === this.#asked) this.#problem.value = error;
    }
  }
}
