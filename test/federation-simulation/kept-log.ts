// What one site keeps of the log, over all its processes, and what that may never do.
import assert from 'node:assert/strict';
import type { JobId, SiteId } from '@blindsum/proto';
import type { Journal } from '../../participant/src/journal/journal.ts';
import type { LogJournal } from '../../participant/src/journal/log-journal.ts';
import type { KeptHead } from '../../participant/src/session/known-log.ts';
import type { CrashPoints, Incarnation } from './incarnation.ts';
import type { LogTrees } from './log-trees.ts';

export interface KeptParts {
  readonly site: SiteId;
  readonly job: JobId;
  readonly rounds: number;
  readonly journal: Journal;
  readonly trees: LogTrees;
  /** Told of places that a run must have been at. */
  readonly onPlace: (place: string) => void;
}

/** Writes of LogJournal. */
const WRITES: ReadonlySet<string> = new Set([
  'adopt',
  'advance',
  'raise',
  'reset',
  'recordPromise',
  'settle',
]);

export class KeptLog {
  readonly site: SiteId;
  readonly #parts: KeptParts;
  /** At the last look. */
  #head: KeptHead | undefined;
  /** What was opened when the alarm was raised. */
  #openedBefore: readonly string[] | undefined;

  constructor(parts: KeptParts) {
    this.site = parts.site;
    this.#parts = parts;
  }

  get head(): KeptHead | undefined {
    return this.#parts.journal.log.head();
  }

  get isStopped(): boolean {
    return this.#parts.journal.log.alarm() !== undefined;
  }

  /** Whether every promise of the log was made good, before the members' quorum. */
  get isSettled(): boolean {
    return this.#parts.journal.log.promises().every((promise) => promise.isSettled);
  }

  /** The journal as one process sees it: each write is one at which it may crash. */
  guard(process: Incarnation, crashes: CrashPoints): LogJournal {
    const { onPlace } = this.#parts;
    return new Proxy(this.#parts.journal.log, {
      get(target, property) {
        const method = Reflect.get(target, property) as (...args: unknown[]) => unknown;
        const name = String(property);
        return (...args: unknown[]) => {
          const call = (): unknown => Reflect.apply(method, target, args);
          process.requireAlive();
          if (!WRITES.has(name)) return call();
          onPlace(`journal log.${name}`);
          return crashes.write(process, `journal log.${name}`, call);
        };
      },
    });
  }

  /** Nothing is cosigned that is not kept. */
  cosigns(size: bigint): void {
    assert.ok(this.head && size <= this.head.size, `${this.site} cosigns what it does not keep`);
    assert.ok(!this.isStopped, `${this.site} cosigns a log that contradicts what it keeps`);
  }

  /** What holds at any instant. */
  check(): void {
    this.#checkHead();
    this.#checkOpened();
    this.#checkPromises();
  }

  /** What is kept never goes back, also across crashes, and is left alone once the log contradicted it. */
  #checkHead(): void {
    const { head, site } = this;
    const { trees } = this.#parts;
    const before = this.#head;
    if (head === before) return;
    assert.ok(head, `${site} forgot the log`);
    trees.under(head);
    if (before) {
      assert.ok(head.size >= before.size, `the checkpoint that ${site} keeps went back`);
      assert.ok(trees.areConsistent(before, head), `${site} accepted another tree than it keeps`);
      assert.ok(this.#openedBefore === undefined, `${site} went on with a log that it does not believe`);
    }
    this.#head = head;
  }

  /** 10: what a site opens was sealed under a checkpoint that it has verified, and keeps. */
  #checkOpened(): void {
    const { site, head } = this;
    const { trees } = this.#parts;
    const opened = this.#opened();
    for (const setRoot of opened)
      assert.ok(head && trees.hasSealed(head, setRoot), `invariant 10: ${site} opened what it saw in no log`);
    if (!this.isStopped) return;
    this.#openedBefore ??= opened;
    assert.deepEqual(opened, this.#openedBefore, `${site} opened a set when it did not believe the log`);
  }

  /** A commitment that is accepted is one for which the log's promise is kept. */
  #checkPromises(): void {
    const { journal } = this.#parts;
    const promised = new Set(journal.log.promises().map(({ id }) => `${id.round}-${id.attempt}`));
    for (const id of this.#attempts())
      if (journal.commitment(id)?.isAccepted === true)
        assert.ok(promised.has(`${id.round}-${id.attempt}`), `${this.site} lost the promise of the log`);
  }

  #opened(): string[] {
    const { journal, job, rounds } = this.#parts;
    return Array.from({ length: rounds }, (_, round) => journal.opening(job, round)?.setRoot ?? '').filter(
      (setRoot) => setRoot !== '',
    );
  }

  #attempts() {
    const { job, rounds } = this.#parts;
    return Array.from({ length: 2 * rounds }, (_, i) => ({ job, round: i >> 1, attempt: 1 + (i & 1) }));
  }
}
