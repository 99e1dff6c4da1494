// The sent ledger in the activity's SQLite file. It stays small: beyond a number of rows, the oldest are counted together.
import type { DatabaseSync } from 'node:sqlite';
import { numberOf, textOf, type Row } from '../journal/rows.ts';
import type { SentKind } from './sent-forms.ts';
import type { Contact, ContactLog, SentLedger, SentMessage, SentTotal } from './sent-ledger.ts';

/** About twenty rows to an attempt: a thousand rounds. */
const MAX_ROWS = 20_000;
/** No round, or all earlier ones of the job. */
const ANY_ROUND = -1;
const ANY_JOB = '';

const ADD = `INSERT INTO sent VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
  times = times + excluded.times, bytes = bytes + excluded.bytes,
  first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)`;
const OLDEST = 'ORDER BY last_ms LIMIT ?';

/** `atomically` runs an action in one transaction. */
export class SqliteSent implements SentLedger, ContactLog {
  readonly #database: DatabaseSync;
  readonly #atomically: (action: () => void) => void;
  readonly #maxRows: number;
  #rows: number;

  constructor(database: DatabaseSync, atomically: (action: () => void) => void, maxRows = MAX_ROWS) {
    this.#database = database;
    this.#atomically = atomically;
    this.#maxRows = maxRows;
    this.#rows = this.#count();
  }

  record({ kind, job, round, attempt, bytes, times, atMs }: SentMessage): void {
    this.#add({ kind, job: job ?? ANY_JOB, round: round ?? ANY_ROUND, attempt: attempt ?? 0 }, [
      ...[times ?? 1, bytes, atMs, atMs],
    ]);
    // Counted exactly only when it may be time: another process adds rows as well, a few.
    if (++this.#rows > this.#maxRows) this.#rows = this.#count();
    if (this.#rows > this.#maxRows) this.#fold();
  }

  totals(): readonly SentTotal[] {
    const rows = this.#database.prepare('SELECT * FROM sent ORDER BY last_ms DESC, kind').all();
    return rows.map((row) => toTotal(row));
  }

  recordAnswer(atMs: number): void {
    this.#database
      .prepare(
        'INSERT INTO contact (id, answered_ms) VALUES (1, ?) ON CONFLICT DO UPDATE SET answered_ms = ?',
      )
      .run(atMs, atMs);
  }

  recordFailure(atMs: number, why: string): void {
    this.#database
      .prepare(
        `INSERT INTO contact (id, failed_ms, failure) VALUES (1, ?, ?)
          ON CONFLICT DO UPDATE SET failed_ms = excluded.failed_ms, failure = excluded.failure`,
      )
      .run(atMs, why);
  }

  contact(): Contact {
    const row = this.#database.prepare('SELECT * FROM contact').get();
    if (row === undefined) return {};
    return {
      ...(row['answered_ms'] !== null && { answeredMs: numberOf(row, 'answered_ms') }),
      ...(row['failed_ms'] !== null && {
        failedMs: numberOf(row, 'failed_ms'),
        failure: textOf(row, 'failure'),
      }),
    };
  }

  #add(
    { kind, job, round, attempt }: Required<Pick<Key, 'kind' | 'job' | 'round' | 'attempt'>>,
    numbers: readonly number[],
  ): void {
    this.#database.prepare(ADD).run(kind, job, round, attempt, ...numbers);
  }

  #count(): number {
    return numberOf(this.#database.prepare('SELECT count(*) AS rows FROM sent').get()!, 'rows');
  }

  /** Counts the oldest quarter together: rounds of one job first, then jobs. Nothing is lost of any total. */
  #fold(): void {
    const many = Math.ceil(this.#maxRows / 4);
    this.#atomically(() => {
      const rounds = this.#select(`round <> ${ANY_ROUND}`, many);
      for (const row of rounds) this.#move(row, textOf(row, 'job'));
      if (rounds.length === 0)
        for (const row of this.#select(`job <> '${ANY_JOB}'`, many)) this.#move(row, ANY_JOB);
    });
    this.#rows = this.#count();
  }

  #select(which: string, many: number): Row[] {
    return this.#database.prepare(`SELECT * FROM sent WHERE ${which} ${OLDEST}`).all(many);
  }

  #move(row: Row, job: string): void {
    const [kind, round, attempt] = [textOf(row, 'kind'), numberOf(row, 'round'), numberOf(row, 'attempt')];
    this.#database
      .prepare('DELETE FROM sent WHERE kind = ? AND job = ? AND round = ? AND attempt = ?')
      .run(kind, textOf(row, 'job'), round, attempt);
    const numbers = ['times', 'bytes', 'first_ms', 'last_ms'].map((column) => numberOf(row, column));
    this.#add({ kind, job, round: ANY_ROUND, attempt: 0 }, numbers);
  }
}

interface Key {
  readonly kind: string;
  readonly job: string;
  readonly round: number;
  readonly attempt: number;
}

function toTotal(row: Row): SentTotal {
  const [job, round] = [textOf(row, 'job'), numberOf(row, 'round')];
  return {
    kind: textOf(row, 'kind') as SentKind,
    ...(job !== ANY_JOB && { job }),
    ...(round !== ANY_ROUND && { round, attempt: numberOf(row, 'attempt') }),
    times: numberOf(row, 'times'),
    bytes: numberOf(row, 'bytes'),
    firstMs: numberOf(row, 'first_ms'),
    lastMs: numberOf(row, 'last_ms'),
  };
}
