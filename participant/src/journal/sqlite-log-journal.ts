// The log's part of the journal's SQLite file. Sizes go to 2^64-1, which SQLite's integers do not: they are text.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { Refusal, type JobId, type RefusalCode, type SignedMessage } from '@blindsum/proto';
import { encodeVkey, parseVkey } from '@blindsum/proto/tlog';
import type { KeptHead, KnownLog } from '../session/known-log.ts';
import type { AttemptId } from './journal.ts';
import type { LogAlarm, LogJournal, StoredPromise } from './log-journal.ts';
import { bytesOf, messageOf, numberOf, textOf, type Row } from './rows.ts';

const THIS_ATTEMPT = 'job = ? AND round = ? AND attempt = ?';

/** `atomically` runs an action in one transaction. */
export class SqliteLogJournal implements LogJournal {
  readonly #database: DatabaseSync;
  readonly #atomically: (action: () => void) => void;

  constructor(database: DatabaseSync, atomically: (action: () => void) => void) {
    this.#database = database;
    this.#atomically = atomically;
  }

  known(): KnownLog | undefined {
    const row = this.#get('SELECT * FROM followed_log');
    return row && { key: parseVkey(textOf(row, 'vkey')), recordKey: bytesOf(row, 'record_key') };
  }

  head(): KeptHead | undefined {
    const row = this.#get('SELECT * FROM followed_log');
    return (
      row && { size: BigInt(textOf(row, 'size')), root: bytesOf(row, 'root'), note: textOf(row, 'note') }
    );
  }

  adopt({ key, recordKey }: KnownLog, { size, root, note }: KeptHead): void {
    const columns = [encodeVkey(key), recordKey, String(size), root, note];
    this.#run('INSERT INTO followed_log VALUES (1, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', ...columns);
  }

  advance(before: KeptHead, { size, root, note }: KeptHead): boolean {
    const update = 'UPDATE followed_log SET size = ?, root = ?, note = ? WHERE size = ? AND root = ?';
    return this.#run(update, String(size), root, note, String(before.size), before.root) === 1;
  }

  raise({ code, detail, atMs, evidence }: LogAlarm): void {
    const insert = `INSERT INTO log_alarms (code, detail, at_ms, evidence)
      SELECT ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM log_alarms WHERE answered_at_ms IS NULL)`;
    this.#run(insert, code, detail, atMs, evidence);
  }

  alarm(): LogAlarm | undefined {
    const row = this.#get('SELECT * FROM log_alarms WHERE answered_at_ms IS NULL');
    return (
      row && {
        code: textOf(row, 'code') as RefusalCode,
        detail: textOf(row, 'detail'),
        atMs: numberOf(row, 'at_ms'),
        evidence: textOf(row, 'evidence'),
      }
    );
  }

  reset({ decidedBy, reason, atMs }: Parameters<LogJournal['reset']>[0]): void {
    this.#atomically(() => {
      const answer = `UPDATE log_alarms SET answered_by = ?, answer = ?, answered_at_ms = ?
        WHERE answered_at_ms IS NULL`;
      if (this.#run(answer, decidedBy, reason, atMs) === 0)
        throw new Refusal('NOT_FOUND', 'nothing is wrong with the log');
      this.#run('DELETE FROM followed_log');
    });
  }

  recordPromise({ job, round, attempt }: AttemptId, { payload, signature }: SignedMessage): void {
    const insert = `INSERT INTO promises (job, round, attempt, payload, signature) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING`;
    this.#run(insert, job, round, attempt, payload, signature);
  }

  promises(): readonly StoredPromise[] {
    const rows: Row[] = this.#database.prepare('SELECT * FROM promises ORDER BY id').all();
    return rows.map((row) => ({
      id: {
        job: textOf(row, 'job') as JobId,
        round: numberOf(row, 'round'),
        attempt: numberOf(row, 'attempt'),
      },
      message: messageOf(row),
      isSettled: numberOf(row, 'is_settled') === 1,
    }));
  }

  settle({ job, round, attempt }: AttemptId): void {
    const changed = this.#run(
      `UPDATE promises SET is_settled = 1 WHERE ${THIS_ATTEMPT}`,
      ...[job, round, attempt],
    );
    if (changed === 0) throw new Error(`round ${round} of ${job}: no promise to settle`);
  }

  /** Returns how many rows changed. */
  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
  }

  #get(sql: string): Row | undefined {
    return this.#database.prepare(sql).get();
  }
}
