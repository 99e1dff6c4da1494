// One reader's stream of events. It takes little memory, and a reader that does not read is left behind: it comes again, and goes
// on after the last event that it saw.
import { Readable } from 'node:stream';

/** Bytes that may wait for one reader. */
export const MAX_WAITING_BYTES = 256 * 1024;
const HEARTBEAT = Buffer.from(': here\n\n');
/** The first bytes: headers go out with them, and proxies let them through. */
const OPENING = Buffer.from('retry: 1000\n\n');

export class EventStream extends Readable {
  readonly #closed: () => void;

  /** `closed` is called once, however it ends. */
  constructor(closed: () => void) {
    super({ highWaterMark: 16 * 1024 });
    this.#closed = closed;
    this.push(OPENING);
  }

  send(bytes: Buffer): void {
    if (this.destroyed || this.readableEnded) return;
    if (this.readableLength + bytes.length > MAX_WAITING_BYTES) this.destroy();
    else this.push(bytes);
  }

  beat(): void {
    this.send(HEARTBEAT);
  }

  /** After what it was told. */
  end(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    // Events come when they happen.
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#closed();
    done(error);
  }
}
