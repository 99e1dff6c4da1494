// Whether the disk has room, as operators see it: one log line when that changes, a metric, and a line in the status.
import type { Logger } from 'pino';
import type { Clock } from '../ports.ts';
import type { DiskSpace } from './disk-space.ts';

/** `low`: uploads wait. `full`: a write has found no room within the last half minute, and whatever has to be stored waits. */
export type DiskState = 'ok' | 'low' | 'full';

export interface DiskStatus {
  readonly state: DiskState;
  readonly freeBytes: number;
  readonly reserveBytes: number;
}

export interface DiskWatchOptions {
  readonly space: DiskSpace;
  /** Less than this is low. */
  readonly reserveBytes: number;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error' | 'warn' | 'info'>;
}

const FULL_MS = 30_000;
/** A disk is no longer low with a twentieth more than the reserve, lest it is so and not so by turns. */
const MARGIN = 1.05;

export class DiskWatch {
  readonly #options: DiskWatchOptions;
  #state: DiskState = 'ok';
  #lastFullMs = -Infinity;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** A write has found no room. */
  noteFull(): void {
    this.#lastFullMs = this.#options.clock.nowMs();
    this.#become('full');
  }

  /** Sees whether that has changed; cheap enough for every tick. */
  async look(): Promise<DiskStatus> {
    const { space, reserveBytes, clock } = this.#options;
    const freeBytes = await space.freeBytes();
    const isFull = clock.nowMs() - this.#lastFullMs < FULL_MS;
    const floor = this.#state === 'ok' ? reserveBytes : reserveBytes * MARGIN;
    this.#become(isFull ? 'full' : freeBytes < floor ? 'low' : 'ok', freeBytes);
    return { state: this.#state, freeBytes, reserveBytes };
  }

  #become(state: DiskState, freeBytes?: number): void {
    if (state === this.#state) return;
    this.#state = state;
    const { log, reserveBytes } = this.#options;
    const line = { freeBytes, reserveBytes };
    switch (state) {
      case 'full':
        log.error({ event: 'disk.full', ...line }, 'nothing is lost; make room');
        return;
      case 'low':
        log.warn({ event: 'disk.low', ...line }, 'uploads wait; make room');
        return;
      case 'ok':
        log.info({ event: 'disk.ok', ...line });
    }
  }
}
