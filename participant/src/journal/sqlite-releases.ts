// What the site has said about making models public, in the journal's SQLite file.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { isEqualBytes, refuseUnless, type JobId } from '@blindsum/proto';
import type { OpenModelVote, ReleaseDecision, ReleaseJournal, StoredModelVote } from './release-journal.ts';
import { messageOf, numberOf, textOf, type Row } from './rows.ts';

/** `atomically` runs an action in one transaction. */
export class SqliteReleases implements ReleaseJournal {
  readonly #database: DatabaseSync;
  readonly #atomically: (action: () => void) => void;

  constructor(database: DatabaseSync, atomically: (action: () => void) => void) {
    this.#database = database;
    this.#atomically = atomically;
  }

  recordModelVote(job: JobId, round: number, vote: StoredModelVote, decision: ReleaseDecision): void {
    const { attempt, message } = vote;
    this.#atomically(() => {
      this.#run(
        'INSERT INTO model_votes VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING',
        ...[job, round, attempt, message.payload, message.signature],
      );
      const held = this.modelVote(job, round);
      refuseUnless(
        held !== undefined && isEqualBytes(held.message.payload, message.payload),
        'CONFLICTING_SUBMISSION',
        `${job}: this site has voted for another model of round ${round}`,
      );
      this.#decide(job, round, decision);
    });
  }

  modelVote(job: JobId, round: number): StoredModelVote | undefined {
    const row = this.#get('SELECT * FROM model_votes WHERE job = ? AND round = ?', job, round);
    return row && { attempt: numberOf(row, 'attempt'), message: messageOf(row) };
  }

  recordModelRefusal(job: JobId, round: number, decision: ReleaseDecision): void {
    this.#decide(job, round, decision);
  }

  releaseDecision(job: JobId, round: number): ReleaseDecision | undefined {
    const query = 'SELECT * FROM release_decisions WHERE job = ? AND round = ? ORDER BY id DESC LIMIT 1';
    const row = this.#get(query, job, round);
    return (
      row && {
        verdict: textOf(row, 'verdict') as ReleaseDecision['verdict'],
        reason: textOf(row, 'reason'),
        decidedBy: textOf(row, 'decided_by'),
        atMs: numberOf(row, 'at_ms'),
      }
    );
  }

  recordReleased(job: JobId, round: number): void {
    this.#run('UPDATE model_votes SET is_released = 1 WHERE job = ? AND round = ?', job, round);
  }

  openModelVotes(): readonly OpenModelVote[] {
    return this.#database
      .prepare('SELECT job, round, attempt FROM model_votes WHERE is_released = 0 ORDER BY job, round')
      .all()
      .map((row) => ({
        job: textOf(row, 'job') as JobId,
        round: numberOf(row, 'round'),
        attempt: numberOf(row, 'attempt'),
      }))
      .filter(({ job, round }) => this.releaseDecision(job, round)?.verdict === 'vote');
  }

  #decide(job: JobId, round: number, { verdict, reason, decidedBy, atMs }: ReleaseDecision): void {
    const columns = 'job, round, verdict, reason, decided_by, at_ms';
    const values = [job, round, verdict, reason, decidedBy, atMs];
    this.#run(`INSERT INTO release_decisions (${columns}) VALUES (?, ?, ?, ?, ?, ?)`, ...values);
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#database.prepare(sql).run(...values);
  }

  #get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#database.prepare(sql).get(...values);
  }
}
