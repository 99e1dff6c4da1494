// The log's part of the journal in memory, for tests and simulations.
import { Refusal, type SignedMessage } from '@blindsum/proto';
import type { KeptHead, KnownLog } from '../session/known-log.ts';
import { isSameTree } from '../session/log-head.ts';
import type { AttemptId } from './journal.ts';
import type { LogAlarm, LogJournal, StoredPromise } from './log-journal.ts';

/** LogJournal without durability. */
export class MemoryLogJournal implements LogJournal {
  #known: KnownLog | undefined;
  #head: KeptHead | undefined;
  #alarm: LogAlarm | undefined;
  #promises: StoredPromise[] = [];

  known(): KnownLog | undefined {
    return this.#known;
  }

  head(): KeptHead | undefined {
    return this.#head;
  }

  adopt(log: KnownLog, head: KeptHead): void {
    this.#known ??= { key: log.key, recordKey: log.recordKey.slice() };
    this.#head ??= { ...head };
  }

  advance(before: KeptHead, next: KeptHead): boolean {
    if (!isSameTree(this.#head, before)) return false;
    this.#head = { ...next };
    return true;
  }

  raise(alarm: LogAlarm): void {
    this.#alarm ??= { ...alarm };
  }

  alarm(): LogAlarm | undefined {
    return this.#alarm;
  }

  reset(): void {
    if (!this.#alarm) throw new Refusal('NOT_FOUND', 'nothing is wrong with the log');
    this.#alarm = undefined;
    this.#known = undefined;
    this.#head = undefined;
  }

  recordPromise(id: AttemptId, { payload, signature }: SignedMessage): void {
    if (this.#promises.some((held) => isSame(held.id, id))) return;
    const message = { payload: payload.slice(), signature: signature.slice() };
    this.#promises.push({ id: { ...id }, message, isSettled: false });
  }

  promises(): readonly StoredPromise[] {
    return this.#promises;
  }

  settle(id: AttemptId): void {
    const held = this.#promises.find((one) => isSame(one.id, id));
    if (!held) throw new Error(`round ${id.round} of ${id.job}: no promise to settle`);
    this.#promises = this.#promises.map((one) => (one === held ? { ...one, isSettled: true } : one));
  }
}

function isSame(a: AttemptId, b: AttemptId): boolean {
  return a.job === b.job && a.round === b.round && a.attempt === b.attempt;
}
