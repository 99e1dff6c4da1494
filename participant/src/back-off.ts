// How long to wait for a coordinator that does not answer: twice as long each time, up to half a minute, and never in step
// with the other sites.
import type { Clock } from './ports.ts';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

export interface BackOffRules {
  readonly clock: Clock;
  readonly giveUpAfterMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Consecutive failures since the last success. */
export class BackOff {
  readonly #rules: BackOffRules;
  #failures = 0;
  #sinceMs = 0;

  constructor(rules: BackOffRules) {
    this.#rules = rules;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** The next wait, between half and all of its full length; undefined once the failures have lasted too long. */
  nextMs(): number | undefined {
    const { clock, giveUpAfterMs, random } = this.#rules;
    if (this.#failures === 0) this.#sinceMs = clock.nowMs();
    if (clock.nowMs() - this.#sinceMs > giveUpAfterMs) return undefined;
    const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 30);
    return Math.round(fullMs * (0.5 + random() / 2));
  }
}
