// Server-sent events of the coordinator. The browser connects again by itself and names the last event that it saw; where it gives up
// (an answer that is no stream), this begins anew after a while.
import { EVENT_TYPES, toLiveEvent } from '../model/live-event.ts';
import type { LiveEvent } from '../model/live-state.ts';

export type Connection = 'connecting' | 'live' | 'lost';

export interface Listener {
  readonly onEvent: (event: LiveEvent) => void;
  readonly onConnection: (connection: Connection) => void;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;

export class EventStream {
  readonly #url: string;
  readonly #listener: Listener;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitMs = FIRST_WAIT_MS;

  constructor(url: string, listener: Listener) {
    this.#url = url;
    this.#listener = listener;
  }

  open(): void {
    this.close();
    const source = new EventSource(this.#url);
    this.#source = source;
    source.addEventListener('open', () => {
      this.#waitMs = FIRST_WAIT_MS;
      this.#listener.onConnection('live');
    });
    source.addEventListener('error', () => this.#fail(source));
    for (const type of EVENT_TYPES)
      source.addEventListener(type, (message: MessageEvent<string>) => this.#hear(type, message.data));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #hear(type: (typeof EVENT_TYPES)[number], data: string): void {
    const event = toLiveEvent(type, data);
    if (event) this.#listener.onEvent(event);
  }

  #fail(source: EventSource): void {
    if (source !== this.#source) return;
    this.#listener.onConnection('lost');
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), this.#waitMs);
    this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
  }
}
