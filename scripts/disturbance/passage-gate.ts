// What holds bytes back: a gate that is open or closed, and a rate.
import { setTimeout as sleep } from 'node:timers/promises';

/** A limited rate lets this many pieces through in a second: small enough to be smooth. */
const PIECES_PER_SECOND = 20;

/** Everything that passes shares one gate. */
export class PassageGate {
  #opened: PromiseWithResolvers<void> | undefined;
  #bytesPerSecond: number | undefined;
  /** When the next bytes may pass at the limited rate. */
  #freeAtMs = 0;

  close(): void {
    this.#opened ??= Promise.withResolvers();
  }

  open(): void {
    this.#opened?.resolve();
    this.#opened = undefined;
  }

  /** Undefined lifts the limit for everything that is not waiting already. */
  limit(bytesPerSecond: number | undefined): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#freeAtMs = 0;
  }

  /** Cuts bytes into what may pass at once. */
  *pieces(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length;) {
      const most = Math.max(1, Math.floor((this.#bytesPerSecond ?? Infinity) / PIECES_PER_SECOND));
      const piece = bytes.subarray(at, Math.min(bytes.length, at + most));
      at += piece.length;
      yield piece;
    }
  }

  /** Resolves when `bytes` may pass. */
  async pass(bytes: number): Promise<void> {
    if (this.#bytesPerSecond !== undefined) {
      const nowMs = performance.now();
      const startMs = Math.max(nowMs, this.#freeAtMs);
      this.#freeAtMs = startMs + (bytes / this.#bytesPerSecond) * 1000;
      await sleep(this.#freeAtMs - nowMs);
    }
    // Closed again while this waited: wait again.
    while (this.#opened !== undefined) await this.#opened.promise;
  }
}
