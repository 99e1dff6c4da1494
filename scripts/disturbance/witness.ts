// Watches a federation from outside: what its sites print, what its coordinator logs and stores. Everything that is said about
// a run later was seen here.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBlobSizes, type BlobSizes } from './dead-state.ts';
import { isPartial, type Ledger, type TimedEvent } from './ledger.ts';
import { momentOfEvent, momentOfPhase, type Moments } from './moments.ts';
import type { Recoveries } from './recoveries.ts';

const POLL_MS = 25;
/** Most of a round is spent collecting. */
const PROGRESS_IN: Readonly<Record<string, number>> = {
  collecting: 0.5,
  sealed: 0.65,
  summed: 0.8,
  opening: 1,
};

/** Round, attempt and phase that the coordinator named last. */
export interface Place {
  readonly round: number;
  readonly attempt: number;
  readonly phase: string;
}

export interface WitnessRules {
  readonly job: string;
  /** State directory of the coordinator, and the log's folder. */
  readonly coordinator: string;
  readonly log: string;
  readonly moments: Moments;
  readonly ledger: Ledger;
  readonly recoveries: Recoveries;
}

export class Witness {
  readonly #rules: WitnessRules;
  readonly #published = new Set<number>();
  #place: Place | undefined;
  #ciphertextBytes = 0;
  #sizes: BlobSizes = new Map();
  #checkpointMs = 0;
  #quotaRefusals = 0;

  constructor(rules: WitnessRules) {
    this.#rules = rules;
  }

  /** Undefined before the first round. */
  get place(): Place | undefined {
    return this.#place;
  }

  /** Rounds that were published, and the part of the current one that lies behind or under way: never 0. */
  get progress(): number {
    return this.#published.size + (PROGRESS_IN[this.#place?.phase ?? 'collecting'] ?? 0);
  }

  /** Of the latest encrypted update. */
  get ciphertextBytes(): number {
    return this.#ciphertextBytes;
  }

  /** How often a site was told to wait because a quota was used up. */
  get quotaRefusals(): number {
    return this.#quotaRefusals;
  }

  /** Takes in a line that a site printed. */
  siteLine(site: string, line: string): void {
    const event = parseLine<TimedEvent>(line);
    if (event === undefined) return;
    const { ledger, moments, recoveries } = this.#rules;
    recoveries.served(site, Date.now());
    ledger.event(site, event);
    if (event.event === 'waiting' && event.code === 'QUOTA_EXCEEDED') this.#quotaRefusals++;
    if (event.event === 'encrypted') this.#ciphertextBytes = event.bytes;
    const name = momentOfEvent(event);
    if (name !== undefined) moments.happened({ name, site });
  }

  /** Takes in a line that the coordinator logged. */
  coordinatorLine(line: string): void {
    const entry = parseLine<Place & { event: string; job: string }>(line);
    if (entry?.event !== 'round.phase' || entry.job !== this.#rules.job) return;
    const { round, attempt, phase } = entry;
    this.#place = { round, attempt, phase };
    if (phase === 'published') this.#published.add(round);
    const name = momentOfPhase(phase);
    if (name !== undefined) this.#rules.moments.happened({ name, site: undefined });
  }

  /** Looks at what the coordinator stores until the signal aborts. */
  async watchFiles(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#lookAtUploads();
      await this.#lookAtLog();
      await sleep(POLL_MS);
    }
  }

  async #lookAtUploads(): Promise<void> {
    const { coordinator, job, ledger, moments } = this.#rules;
    if (!this.#place) return;
    const sizes = await readBlobSizes(coordinator, job, `${this.#place.round}-${this.#place.attempt}`);
    ledger.sizes(sizes);
    for (const [name, bytes] of sizes) {
      const isNew = bytes > (this.#sizes.get(name) ?? 0);
      if (!isNew || !name.endsWith('.ciphertext') || !isPartial(bytes, this.#ciphertextBytes)) continue;
      moments.happened({ name: 'part stored', site: /\/([^/]+)\.ciphertext$/.exec(name)?.[1] });
    }
    this.#sizes = sizes;
  }

  async #lookAtLog(): Promise<void> {
    const { log, moments } = this.#rules;
    const writtenMs = await stat(join(log, 'checkpoint')).then(
      ({ mtimeMs }) => mtimeMs,
      () => this.#checkpointMs,
    );
    if (writtenMs === this.#checkpointMs) return;
    this.#checkpointMs = writtenMs;
    moments.happened({ name: 'checkpoint written', site: undefined });
  }
}

/** Undefined for what is no JSON object: for people, or the last line of somebody who was killed in the middle of it. */
function parseLine<T>(line: string): T | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as T;
  } catch {
    return undefined;
  }
}
