// One life of a simulated process, from its start to its crash, and the writes at which it may crash.

/** How a write ends the process that makes it. */
export interface Crash {
  /** Before: the write was not made. After: it was, and nobody learned of it. */
  readonly when: 'before' | 'after';
  /** The machine loses its power, and with it whatever was not flushed. */
  readonly power?: boolean;
}

/** Ends the code of a process where it stands; never seen outside of it. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** A process from its start to its end. What it does reaches the world only while it is alive. */
export class Incarnation {
  readonly name: string;
  /** What it did last, in a few words. */
  doing = 'starts';
  readonly #onEnd: (crash: Crash | undefined) => void;
  #isAlive = true;

  /** `onEnd` is told of the crash that ended it. */
  constructor(name: string, onEnd: (crash: Crash | undefined) => void) {
    this.name = name;
    this.#onEnd = onEnd;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  end(crash?: Crash): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#onEnd(crash);
  }

  /** For calls that return at once. */
  requireAlive(): void {
    if (!this.#isAlive) throw new Killed(`${this.name} has ended`);
  }

  /** For calls that are awaited: those of a dead process never return. */
  async during<T>(operation: () => Promise<T>): Promise<T> {
    if (!this.#isAlive) return forever();
    try {
      return await operation();
    } finally {
      if (!this.#isAlive) await forever();
    }
  }
}

/** Counts the writes of a run, over all its processes, and crashes those of the plan. */
export class CrashPoints {
  /** Writes so far, each with its process and what it wrote. */
  readonly writes: string[] = [];
  /** Told of each crash, with the write at which it happened. */
  onCrash: (what: string) => void = () => {};
  readonly #plan: ReadonlyMap<number, Crash>;

  /** By the number of the write, from 1. */
  constructor(plan: ReadonlyMap<number, Crash> = new Map()) {
    this.#plan = plan;
  }

  write<T>(process: Incarnation, what: string, apply: () => T): T {
    process.requireAlive();
    const crash = this.#next(process, what);
    if (crash?.when === 'before') process.end(crash);
    process.requireAlive();
    const result = apply();
    if (crash) process.end(crash);
    process.requireAlive();
    return result;
  }

  async writeLater<T>(process: Incarnation, what: string, apply: () => Promise<T>): Promise<T> {
    return process.during(async () => {
      const crash = this.#next(process, what);
      if (crash?.when === 'before') process.end(crash);
      if (!process.isAlive) return forever();
      const result = await apply();
      if (crash) process.end(crash);
      return result;
    });
  }

  #next(process: Incarnation, what: string): Crash | undefined {
    this.writes.push(`${process.name}: ${what}`);
    const crash = this.#plan.get(this.writes.length);
    if (crash) this.onCrash(`crash ${crash.when} ${what}`);
    return crash;
  }
}

export function forever(): Promise<never> {
  return new Promise(() => {});
}
