// How many refused requests are written down: enough to see an attack, and too few to fill a disk with.
import type { Clock } from '../ports.ts';

const PER_MINUTE = 30;
const MINUTE_MS = 60_000;

export class RefusalBudget {
  readonly #clock: Clock;
  #startMs = -Infinity;
  #written = 0;
  #skipped = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many were skipped since the last that was written, if this one is to be written; undefined if it is not. */
  take(): number | undefined {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#startMs >= MINUTE_MS) {
      this.#startMs = nowMs;
      this.#written = 0;
    }
    if (this.#written >= PER_MINUTE) {
      this.#skipped++;
      return undefined;
    }
    this.#written++;
    const skipped = this.#skipped;
    this.#skipped = 0;
    return skipped;
  }
}
