// Statements that read are parsed and planned by SQLite once, and run again with other values: that costs more than most of them.
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** There are fewer, but for lists of different lengths. */
const MAX_KEPT = 256;

export class PreparedReads {
  readonly #sqlite: Pick<DatabaseSync, 'prepare'>;
  /** By text, those that were asked for last at the end. */
  readonly #kept = new Map<string, StatementSync>();

  constructor(sqlite: Pick<DatabaseSync, 'prepare'>) {
    this.#sqlite = sqlite;
  }

  /** The statement, which must have been run to its end before it is asked for again. */
  prepare(text: string): StatementSync {
    const kept = this.#kept.get(text);
    const statement = kept ?? this.#sqlite.prepare(text);
    // What writes is not kept: SQLite holds on to the values that a statement was last run with, and a roster is half a megabyte.
    if (!text.startsWith('select ')) return statement;
    this.#kept.delete(text);
    this.#kept.set(text, statement);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
    return statement;
  }
}
