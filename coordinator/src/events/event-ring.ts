// The latest events, in memory, and those who follow them. An event is encoded once, whoever reads it. Names of events hold the
// name of the ring, which is another one after a restart: what happened in between is in no ring.
import type { EventType } from '../api/documents/event.ts';

export interface Follower {
  /** All types without. */
  readonly types?: ReadonlySet<string> | undefined;
  /** Bytes of whole events. */
  readonly take: (bytes: Buffer) => void;
}

interface Kept {
  readonly number: number;
  readonly type: EventType;
  readonly bytes: Buffer;
}

export const RING_EVENTS = 2048;

export class EventRing {
  readonly #name: string;
  readonly #size: number;
  #kept: Kept[] = [];
  #last = 0;
  readonly #followers = new Set<Follower>();

  /** `name`: 1 to 40 letters and digits. */
  constructor(name: string, size = RING_EVENTS) {
    this.#name = name;
    this.#size = size;
  }

  get followers(): number {
    return this.#followers.size;
  }

  publish(type: EventType, data: object): void {
    const number = ++this.#last;
    const kept = { number, type, bytes: encode(this.#idOf(number), type, data) };
    this.#kept.push(kept);
    // In large steps: shifting for each event would move the whole ring.
    if (this.#kept.length >= 2 * this.#size) this.#kept = this.#kept.slice(-this.#size);
    for (const follower of [...this.#followers]) tell(follower, kept);
  }

  /** Tells what came after the event `lastId`, then what comes; `reset` first if that cannot be told any more. Returns how to end it. */
  follow(follower: Follower, lastId: string | undefined, nowMs: number): () => void {
    const after = lastId === undefined ? this.#last : this.#numberOf(lastId);
    if (after === undefined) follower.take(encode(this.#idOf(this.#last), 'reset', { atMs: nowMs }));
    for (const kept of this.#kept) if (kept.number > (after ?? this.#last)) tell(follower, kept);
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  #idOf(number: number): string {
    return `${this.#name}-${number}`;
  }

  /** Undefined for the event of another ring, or for one after which something has fallen out of this one. */
  #numberOf(id: string): number | undefined {
    const [, name, digits = ''] = /^([A-Za-z0-9]{1,40})-(0|[1-9][0-9]{0,14})$/.exec(id) ?? [];
    const number = Number(digits);
    if (name !== this.#name || number > this.#last) return undefined;
    return number >= this.#last - this.#size ? number : undefined;
  }
}

function tell({ types, take }: Follower, { type, bytes }: Kept): void {
  if (types?.has(type) ?? true) take(bytes);
}

/** JSON has no line ends of its own. */
function encode(id: string, type: string, data: object): Buffer {
  return Buffer.from(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
}
