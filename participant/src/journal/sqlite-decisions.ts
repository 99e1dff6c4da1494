// The decisions about jobs in the journal's SQLite file.
import type { DatabaseSync } from 'node:sqlite';
import { refuseUnless, type JobId } from '@blindsum/proto';
import type { ContributedRounds, Decision, DecisionJournal, StoredWithdrawal } from './decision-journal.ts';
import { digestOf, messageOf, numberOf, textOf, type Row } from './rows.ts';

/** `atomically` runs an action in one transaction. */
export class SqliteDecisions implements DecisionJournal {
  readonly #database: DatabaseSync;
  readonly #atomically: (action: () => void) => void;

  constructor(database: DatabaseSync, atomically: (action: () => void) => void) {
    this.#database = database;
    this.#atomically = atomically;
  }

  recordDecision(job: JobId, decision: Decision): void {
    const { verdict, manifestHash, rosterHash, reason, decidedBy, atMs } = decision;
    this.#database
      .prepare(
        'INSERT INTO decisions (job, verdict, manifest_hash, roster_hash, reason, decided_by, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(job, verdict, manifestHash, rosterHash, reason, decidedBy, atMs);
  }

  decision(job: JobId): Decision | undefined {
    const row = this.#get('SELECT * FROM decisions WHERE job = ? ORDER BY id DESC LIMIT 1', job);
    return (
      row && {
        verdict: textOf(row, 'verdict') as Decision['verdict'],
        manifestHash: digestOf(row, 'manifest_hash'),
        rosterHash: digestOf(row, 'roster_hash'),
        reason: textOf(row, 'reason'),
        decidedBy: textOf(row, 'decided_by'),
        atMs: numberOf(row, 'at_ms'),
      }
    );
  }

  recordWithdrawal(job: JobId, withdrawal: StoredWithdrawal): StoredWithdrawal {
    let recorded = withdrawal;
    this.#atomically(() => {
      const held = this.withdrawal(job);
      if (held) {
        recorded = held;
        return;
      }
      const { fromRound, message } = withdrawal;
      const last = this.#get('SELECT MAX(round) AS last FROM commitments WHERE job = ?', job)?.['last'];
      refuseUnless(
        typeof last !== 'number' || last < fromRound,
        'CONFLICTING_SUBMISSION',
        `${job}: this site has signed for round ${String(last)}`,
      );
      this.#database
        .prepare('INSERT INTO withdrawals VALUES (?, ?, ?, ?)')
        .run(job, fromRound, message.payload, message.signature);
    });
    return recorded;
  }

  withdrawal(job: JobId): StoredWithdrawal | undefined {
    const row = this.#get('SELECT * FROM withdrawals WHERE job = ?', job);
    return row && { fromRound: numberOf(row, 'from_round'), message: messageOf(row) };
  }

  contributedRounds(): readonly ContributedRounds[] {
    const query =
      'SELECT job, COUNT(DISTINCT round) AS rounds, MAX(round) AS last FROM commitments GROUP BY job ORDER BY job';
    return this.#database
      .prepare(query)
      .all()
      .map((row) => ({
        job: textOf(row, 'job') as JobId,
        rounds: numberOf(row, 'rounds'),
        last: numberOf(row, 'last'),
      }));
  }

  jobs(): readonly JobId[] {
    const query = 'SELECT job FROM consents UNION SELECT job FROM decisions ORDER BY job';
    return this.#database
      .prepare(query)
      .all()
      .map((row) => textOf(row, 'job') as JobId);
  }

  #get(sql: string, job: JobId): Row | undefined {
    return this.#database.prepare(sql).get(job);
  }
}
