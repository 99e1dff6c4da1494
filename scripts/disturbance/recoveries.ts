// How long processes take from their restart until they serve, or reach the coordinator. Restarts that meet another trouble on
// their way are not timed: what they waited for was not their own.

interface Pending {
  readonly startedMs: number;
  isTimed: boolean;
}

export class Recoveries {
  readonly #pending = new Map<string, Pending>();
  #longest: { readonly name: string; readonly ms: number } | undefined;
  #count = 0;
  #timed = 0;

  /** Restarts that served again. */
  get count(): number {
    return this.#count;
  }

  /** Of those, how many were timed. */
  get timed(): number {
    return this.#timed;
  }

  /** Undefined before the first. */
  get longest(): { readonly name: string; readonly ms: number } | undefined {
    return this.#longest;
  }

  /** A process was started; `isClear` is false when something else is in its way. */
  started(name: string, startedMs: number, isClear: boolean): void {
    this.#pending.set(name, { startedMs, isTimed: isClear });
  }

  /** Something comes in the way of the process that is starting, or of all. */
  hindered(name?: string): void {
    for (const [one, pending] of this.#pending)
      if (name === undefined || name === one) pending.isTimed = false;
  }

  /** It was killed before it served. */
  died(name: string): void {
    this.#pending.delete(name);
  }

  /** It serves; undefined if that was known already, or is not timed. */
  served(name: string, nowMs: number): number | undefined {
    const pending = this.#pending.get(name);
    if (!pending) return undefined;
    this.#pending.delete(name);
    this.#count++;
    if (!pending.isTimed) return undefined;
    this.#timed++;
    const ms = nowMs - pending.startedMs;
    if (ms > (this.#longest?.ms ?? -1)) this.#longest = { name, ms };
    return ms;
  }
}
