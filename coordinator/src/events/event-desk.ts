// Where readers of events come and go. Nothing is looked at while nobody reads: the first one to come begins a ring of its own,
// which goes on for a while after the last has left.
import { randomBytes } from 'node:crypto';
import { Refusal } from '@blindsum/proto';
import type { Clock } from '../ports.ts';
import { EventRing } from './event-ring.ts';
import { EventStream } from './event-stream.ts';

/** What finds out what has happened. */
export interface EventSource {
  /** Learns what there is now, of which nothing is told. */
  begin(): Promise<void>;
  /** Tells what has changed since. */
  look(ring: EventRing): Promise<void>;
  /** Forgets what it knows: nobody is told any more. */
  forget(): void;
}

export interface Wish {
  readonly types: readonly string[] | undefined;
  readonly lastId: string | undefined;
}

export const MAX_STREAMS = 1000;
const HEARTBEAT_MS = 15_000;
/** The reader shows its credential again after that. */
const STREAM_MS = 300_000;
/** A ring goes on for readers that come back. */
const LINGER_MS = 300_000;

export class EventDesk {
  readonly #source: EventSource;
  readonly #clock: Clock;
  #ring: Promise<EventRing> | undefined;
  readonly #streams = new Map<EventStream, { endsMs: number; beatMs: number }>();
  #lastReadMs = -Infinity;
  #isClosed = false;

  constructor(source: EventSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** What has happened by the time this returns is told only if it came after `lastId`. Refuses QUOTA_EXCEEDED beyond 1,000 streams. */
  async open({ types, lastId }: Wish): Promise<EventStream> {
    if (this.#isClosed) throw new Refusal('UNAVAILABLE', 'starting or stopping');
    if (this.#streams.size >= MAX_STREAMS)
      throw new Refusal('QUOTA_EXCEEDED', `${MAX_STREAMS} streams of events are open`);
    let leave = (): void => {};
    const stream = new EventStream(() => {
      leave();
      this.#streams.delete(stream);
    });
    const nowMs = this.#clock.nowMs();
    this.#streams.set(stream, { endsMs: nowMs + STREAM_MS, beatMs: nowMs + HEARTBEAT_MS });
    try {
      const ring = await (this.#ring ??= this.#begin());
      const wanted = types && new Set(types);
      leave = ring.follow({ types: wanted, take: (bytes) => stream.send(bytes) }, lastId, nowMs);
    } catch (error) {
      stream.destroy();
      throw error;
    }
    // Whoever asked may have gone meanwhile, or not read fast enough what it missed.
    if (stream.destroyed) leave();
    return stream;
  }

  /** Tells what has happened; shows every reader now and then that somebody is there. */
  async look(): Promise<void> {
    const nowMs = this.#clock.nowMs();
    if (this.#streams.size > 0) this.#lastReadMs = nowMs;
    if (!this.#ring || nowMs - this.#lastReadMs > LINGER_MS) {
      this.#ring = undefined;
      this.#source.forget();
      return;
    }
    await this.#source.look(await this.#ring);
    for (const [stream, times] of this.#streams) {
      if (nowMs >= times.endsMs) stream.end();
      else if (nowMs >= times.beatMs) {
        times.beatMs = nowMs + HEARTBEAT_MS;
        stream.beat();
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams.keys()) stream.destroy();
  }

  async #begin(): Promise<EventRing> {
    this.#lastReadMs = this.#clock.nowMs();
    try {
      await this.#source.begin();
      return new EventRing(randomBytes(8).toString('hex'));
    } catch (error) {
      this.#ring = undefined;
      throw error;
    }
  }
}
