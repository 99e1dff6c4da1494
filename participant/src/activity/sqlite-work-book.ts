// The work book in the activity's SQLite file.
import type { DatabaseSync } from 'node:sqlite';
import { bytesOf, numberOf, textOf } from '../journal/rows.ts';
import type { AgentStart, JobWork, StoredOffer, WorkBook } from './work-book.ts';

/** A coordinator that makes up jobs must not fill the disk. */
const MAX_OFFERS = 200;
const MAX_WORKS = 1_000;

/** `atomically` runs an action in one transaction. */
export class SqliteWorkBook implements WorkBook {
  readonly #database: DatabaseSync;
  readonly #atomically: (action: () => void) => void;

  constructor(database: DatabaseSync, atomically: (action: () => void) => void) {
    this.#database = database;
    this.#atomically = atomically;
  }

  recordOffer(
    { job, manifest, authorSignature, roster }: Parameters<WorkBook['recordOffer']>[0],
    atMs: number,
  ) {
    this.#atomically(() => {
      this.#database
        .prepare(
          `INSERT INTO offers VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET manifest = excluded.manifest,
            author_signature = excluded.author_signature, roster = excluded.roster, last_ms = excluded.last_ms`,
        )
        .run(job, manifest, authorSignature, roster, atMs, atMs);
      this.#trim('offers', MAX_OFFERS);
    });
  }

  offers(): readonly StoredOffer[] {
    return this.#database
      .prepare('SELECT * FROM offers ORDER BY first_ms, job')
      .all()
      .map((row) => ({
        job: textOf(row, 'job'),
        manifest: bytesOf(row, 'manifest'),
        authorSignature: bytesOf(row, 'author_signature'),
        roster: bytesOf(row, 'roster'),
        firstMs: numberOf(row, 'first_ms'),
        lastMs: numberOf(row, 'last_ms'),
      }));
  }

  recordWork(job: string, change: Partial<Omit<JobWork, 'job'>>): void {
    this.#change(job, (before) => ({ ...before, ...change }));
  }

  forgetStop(job: string): void {
    this.#change(job, ({ stop: _, ...others }) => others);
  }

  works(): readonly JobWork[] {
    return this.#database
      .prepare('SELECT job, work FROM works ORDER BY last_ms DESC')
      .all()
      .map((row) => ({ ...(JSON.parse(textOf(row, 'work')) as object), job: textOf(row, 'job') }));
  }

  recordStart({ version, startedMs }: AgentStart): void {
    this.#database.prepare('INSERT OR REPLACE INTO agent VALUES (1, ?, ?)').run(version, startedMs);
  }

  start(): AgentStart | undefined {
    const row = this.#database.prepare('SELECT * FROM agent').get();
    return row && { version: textOf(row, 'version'), startedMs: numberOf(row, 'started_ms') };
  }

  #change(job: string, change: (before: Omit<JobWork, 'job'>) => Omit<JobWork, 'job'>): void {
    this.#atomically(() => {
      const row = this.#database.prepare('SELECT work FROM works WHERE job = ?').get(job);
      const after = change(row === undefined ? {} : (JSON.parse(textOf(row, 'work')) as JobWork));
      const times = [after.consentedMs, after.stop?.atMs, after.doing?.atMs, after.end?.atMs];
      const lastMs = Math.max(0, ...times.filter((ms) => ms !== undefined));
      this.#database
        .prepare('INSERT OR REPLACE INTO works VALUES (?, ?, ?)')
        .run(job, JSON.stringify(after), lastMs);
      this.#trim('works', MAX_WORKS);
    });
  }

  #trim(table: 'offers' | 'works', most: number): void {
    this.#database
      .prepare(
        `DELETE FROM ${table} WHERE job IN (SELECT job FROM ${table} ORDER BY last_ms DESC LIMIT -1 OFFSET ?)`,
      )
      .run(most);
  }
}
