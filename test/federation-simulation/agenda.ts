// What may happen next in a simulated federation, and when: messages on their way, work under way, timers. Nothing happens by
// itself; a schedule says what is next.
import type { Incarnation } from './incarnation.ts';

export interface Task {
  /** For people, and for comparing two runs. */
  readonly what: string;
  /** Whose it is: it is forgotten when that process ends. Absent for what is in the network. */
  readonly owner?: Incarnation | undefined;
  readonly run: () => void;
}

interface Timer extends Task {
  readonly atMs: number;
}

export class Agenda {
  nowMs = 1_700_000_000_000;
  /** What happened, in order. */
  readonly trace: string[] = [];
  #ready: Task[] = [];
  #timers: Timer[] = [];

  /** Something that may happen from now on. */
  post(task: Task): void {
    this.#ready.push(task);
  }

  /** Something that may happen once `delayMs` have passed. */
  postLater(delayMs: number, task: Task): void {
    this.#timers.push({ ...task, atMs: this.nowMs + delayMs });
  }

  /** Resolves once the schedule says so, unless `owner` has ended by then. */
  work(owner: Incarnation, what: string): Promise<void> {
    owner.doing = what;
    return new Promise((resolve) => this.post({ what: `${owner.name} ${what}`, owner, run: resolve }));
  }

  sleep(owner: Incarnation, delayMs: number): Promise<void> {
    return new Promise((resolve) =>
      this.postLater(delayMs, { what: `${owner.name} wakes`, owner, run: resolve }),
    );
  }

  /** How many things may happen. */
  get count(): number {
    this.#ready = this.#ready.filter(isAlive);
    return this.#ready.length;
  }

  /** Lets one of them happen, and all that follows from it without waiting. */
  async run(index = 0): Promise<void> {
    const [task] = this.#ready.splice(index, 1);
    if (!task || !isAlive(task)) return;
    this.note(task.what);
    task.run();
    await settle();
  }

  /** Milliseconds until the next timer; undefined without one. */
  get nextMs(): number | undefined {
    this.#timers = this.#timers.filter(isAlive);
    if (this.#timers.length === 0) return undefined;
    return Math.max(0, Math.min(...this.#timers.map(({ atMs }) => atMs)) - this.nowMs);
  }

  /** Time passes; whatever is due then may happen. */
  advance(milliseconds: number): void {
    this.nowMs += milliseconds;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.nowMs);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.nowMs);
    due.sort((a, b) => a.atMs - b.atMs);
    this.#ready.push(...due);
  }

  note(what: string): void {
    this.trace.push(what);
  }
}

/** Lets everything run that does not wait for the schedule. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isAlive({ owner }: Task): boolean {
  return owner?.isAlive !== false;
}
