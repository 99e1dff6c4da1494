// Live progress: a block that is redrawn on a terminal, plain lines elsewhere.
import type { ProgressEvent } from '../../participant/src/session-progress.ts';
import { RunState, type Milestone } from './run-state.ts';

/** What is written to: the standard error, or anything like it. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  readonly sites: readonly string[];
  readonly trainingRounds: number;
  readonly output: Output;
  readonly nowMs: () => number;
}

const REDRAW_MS = 100;
const CLEAR_TO_END = '\u001b[0J';
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** Tells people how a run is going. */
export class Progress {
  readonly #state: RunState;
  readonly #options: ProgressOptions;
  readonly #startMs: number;
  #drawnLines = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ProgressOptions) {
    this.#state = new RunState(options.sites, options.trainingRounds);
    this.#options = options;
    this.#startMs = options.nowMs();
  }

  /** Says one sentence that stays. */
  say(text: string): void {
    this.#erase();
    this.#options.output.write(`${this.#clock()}  ${text}\n`);
    this.#draw();
  }

  /** Takes in what a site reports. */
  event(site: string, event: ProgressEvent): void {
    for (const milestone of this.#state.apply(site, event)) {
      const text = this.#toLine(milestone);
      if (text !== undefined) this.say(text);
    }
  }

  /** Shows the block, on a terminal, until `close`. */
  open(): void {
    if (this.#options.output.isTTY !== true) return;
    this.#timer = setInterval(() => {
      this.#erase();
      this.#draw();
    }, REDRAW_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#erase();
  }

  #toLine(milestone: Milestone): string | undefined {
    switch (milestone.kind) {
      case 'phase':
        // The block shows phases anyway.
        if (this.#timer !== undefined) return undefined;
        return `${milestone.round.padEnd(14)} ${milestone.phase.padEnd(10)} ${this.#contributions()}`;
      case 'model': {
        const auc = milestone.auc === undefined ? '' : `   AUC ${milestone.auc.toFixed(4)}`;
        return `${milestone.after.padEnd(25)} loss ${milestone.loss.toFixed(4)}${auc}`;
      }
      case 'trouble':
        return `${milestone.site}: ${milestone.text}`;
    }
  }

  #contributions(): string {
    const { sitesIn, siteCount, bytes } = this.#state;
    return `${sitesIn} of ${siteCount} sites in   ${(bytes / 2 ** 20).toFixed(1)} MiB uploaded`;
  }

  #clock(): string {
    return `${((this.#options.nowMs() - this.#startMs) / 1000).toFixed(1).padStart(6)} s`;
  }

  #draw(): void {
    if (this.#timer === undefined) return;
    const spin = SPINNER[Math.floor(this.#options.nowMs() / REDRAW_MS) % SPINNER.length];
    const lines = [
      `${this.#clock()}  ${spin} ${this.#state.place}   ${this.#contributions()}`,
      ...this.#options.sites.map(
        (site) => `${' '.repeat(12)}${site.padEnd(14)} ${this.#state.activityOf(site)}`,
      ),
    ];
    const width = (this.#options.output.columns ?? 80) - 1;
    this.#options.output.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''));
    this.#drawnLines = lines.length;
  }

  #erase(): void {
    if (this.#drawnLines === 0) return;
    this.#options.output.write(`\u001b[${this.#drawnLines}A${CLEAR_TO_END}`);
    this.#drawnLines = 0;
  }
}
