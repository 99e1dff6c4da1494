// The rosters that a site knows and has signed for, in the journal's SQLite file.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { refuseUnless, type JobId } from '@blindsum/proto';
import type { RosterJournal, StoredApproval, StoredRoster } from './journal.ts';
import { bytesOf, digestOf, messageOf, numberOf, type Row } from './rows.ts';

export class SqliteRosters implements RosterJournal {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  recordRosterApproval(version: number, approval: StoredApproval): StoredApproval {
    const { hash, message } = approval;
    const columns = [version, hash, message.payload, message.signature];
    this.#run('INSERT INTO roster_approvals VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', ...columns);
    const recorded = this.rosterApproval(version) ?? approval;
    refuseUnless(
      recorded.hash === hash,
      'CONFLICTING_SUBMISSION',
      `this site has approved another roster as version ${version}`,
    );
    return recorded;
  }

  rosterApproval(version: number): StoredApproval | undefined {
    const row = this.#get('SELECT * FROM roster_approvals WHERE version = ?', version);
    return row && { hash: digestOf(row, 'hash'), message: messageOf(row) };
  }

  recordRoster({ version, hash, roster, isAccepted }: StoredRoster): void {
    const upsert = `INSERT INTO rosters VALUES (?, ?, ?, ?) ON CONFLICT (version) DO UPDATE
      SET is_accepted = max(is_accepted, excluded.is_accepted) WHERE hash = excluded.hash`;
    const changed = this.#run(upsert, version, hash, roster, isAccepted ? 1 : 0);
    refuseUnless(changed === 1, 'BAD_ROSTER', `this site knows another roster as version ${version}`);
  }

  rosters(): readonly StoredRoster[] {
    const rows: Row[] = this.#database.prepare('SELECT * FROM rosters ORDER BY version').all();
    return rows.map((row) => ({
      version: numberOf(row, 'version'),
      hash: digestOf(row, 'hash'),
      roster: bytesOf(row, 'roster'),
      isAccepted: numberOf(row, 'is_accepted') === 1,
    }));
  }

  recordJobRoster(job: JobId, version: number): void {
    const upsert = `INSERT INTO job_rosters VALUES (?, ?) ON CONFLICT (job) DO UPDATE
      SET version = excluded.version WHERE excluded.version > version`;
    this.#run(upsert, job, version);
    const latest = numberOf(this.#get('SELECT version FROM job_rosters WHERE job = ?', job) ?? {}, 'version');
    refuseUnless(
      latest === version,
      'BAD_ROSTER',
      `${job} went by roster version ${latest}, and goes back to ${version}`,
    );
  }

  /** Returns how many rows changed. */
  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
  }

  #get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#database.prepare(sql).get(...values);
  }
}
