// The journal in one SQLite file, with an fsync before every commit returns.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { refuseUnless, type JobId, type SiteId } from '@blindsum/proto';
import {
  verifyNotWithdrawn,
  type AcknowledgedSet,
  type AttemptId,
  type CurrentModel,
  type Journal,
  type NewCommitment,
  type StoredApproval,
  type StoredCommitment,
  type StoredConsent,
  type StoredOpening,
  type StoredOutcome,
  type StoredRoster,
} from './journal.ts';
import type { Decision, StoredWithdrawal } from './decision-journal.ts';
import { SCHEMA_STEPS } from './journal-schema.ts';
import { digestOf, messageOf, numberOf, textOf, type Row } from './rows.ts';
import type { LogJournal } from './log-journal.ts';
import { SqliteLogJournal } from './sqlite-log-journal.ts';
import { SqliteDecisions } from './sqlite-decisions.ts';
import type { ReleaseDecision, StoredModelVote } from './release-journal.ts';
import { SqliteReleases } from './sqlite-releases.ts';
import { SqliteRosters } from './sqlite-rosters.ts';

const THIS_ATTEMPT = 'job = ? AND round = ? AND attempt = ?';

/** Opens or creates the journal at `path`; refuses CONFIG_INVALID a journal of a later version of this program. */
export function openSqliteJournal(path: string): Journal {
  const database = new DatabaseSync(path);
  try {
    return new SqliteJournal(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

class SqliteJournal implements Journal {
  readonly log: LogJournal;
  readonly #database: DatabaseSync;
  readonly #decisions: SqliteDecisions;
  readonly #rosters: SqliteRosters;
  readonly #releases: SqliteReleases;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#decisions = new SqliteDecisions(database, (action) => this.#atomically(action));
    this.#rosters = new SqliteRosters(database);
    this.log = new SqliteLogJournal(database, (action) => this.#atomically(action));
    this.#releases = new SqliteReleases(database, (action) => this.#atomically(action));
    // FULL: a commit is on the disk, not only in the system's cache, before the site acts on it.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
    this.#atomically(() => this.#migrate());
  }

  recordCommitment(id: AttemptId, commitment: NewCommitment): StoredCommitment {
    const { message, files } = commitment;
    const columns = [...keyOf(id), message.payload, message.signature, files.ciphertext, files.shares];
    this.#atomically(() => {
      verifyNotWithdrawn(id, this.withdrawal(id.job));
      this.#run('INSERT INTO commitments VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING', ...columns);
    });
    return this.commitment(id) ?? { ...commitment, isAccepted: false };
  }

  commitment(id: AttemptId): StoredCommitment | undefined {
    const row = this.#get(`SELECT * FROM commitments WHERE ${THIS_ATTEMPT}`, ...keyOf(id));
    if (row === undefined) return undefined;
    const files = { ciphertext: textOf(row, 'ciphertext_file'), shares: textOf(row, 'share_file') };
    return { message: messageOf(row), files, isAccepted: numberOf(row, 'is_accepted') === 1 };
  }

  recordAccepted(id: AttemptId): void {
    const changed = this.#run(`UPDATE commitments SET is_accepted = 1 WHERE ${THIS_ATTEMPT}`, ...keyOf(id));
    if (changed === 0) throw new Error(`round ${id.round} of ${id.job}: no commitment to accept`);
  }

  recordAcknowledgement(id: AttemptId, { setAttempt, setRoot }: AcknowledgedSet): void {
    const columns = [...keyOf(id), setAttempt, setRoot];
    this.#run('INSERT INTO acknowledgements VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', ...columns);
    const query = `SELECT set_root FROM acknowledgements WHERE ${THIS_ATTEMPT} AND set_attempt = ?`;
    const recorded = this.#get(query, ...keyOf(id), setAttempt);
    refuseUnless(
      recorded?.['set_root'] === setRoot,
      'CONFLICTING_SUBMISSION',
      `round ${id.round} of ${id.job}: this site acknowledged another set ${setAttempt}`,
    );
  }

  acknowledged(id: AttemptId): AcknowledgedSet | undefined {
    const query = `SELECT * FROM acknowledgements WHERE ${THIS_ATTEMPT} ORDER BY set_attempt DESC LIMIT 1`;
    const row = this.#get(query, ...keyOf(id));
    return row && { setAttempt: numberOf(row, 'set_attempt'), setRoot: digestOf(row, 'set_root') };
  }

  recordOpening(job: JobId, round: number, opening: StoredOpening): StoredOpening {
    const { attempt, setRoot, message, file } = opening;
    const columns = [job, round, attempt, setRoot, message.payload, message.signature, file];
    this.#run('INSERT INTO openings VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', ...columns);
    const recorded = this.opening(job, round) ?? opening;
    refuseUnless(
      recorded.setRoot === setRoot && recorded.attempt === attempt,
      'ALREADY_OPENED',
      `round ${round} of ${job}: this site opened another contributor set, in attempt ${recorded.attempt}`,
    );
    return recorded;
  }

  opening(job: JobId, round: number): StoredOpening | undefined {
    const row = this.#get('SELECT * FROM openings WHERE job = ? AND round = ?', job, round);
    return (
      row && {
        attempt: numberOf(row, 'attempt'),
        setRoot: digestOf(row, 'set_root'),
        message: messageOf(row),
        file: textOf(row, 'file'),
      }
    );
  }

  recordOutcome(job: JobId, round: number, outcome: StoredOutcome): void {
    const { attempt, setRoot, modelHash, modelFile } = outcome;
    const [members, metrics] = [outcome.members, outcome.metrics].map((value) => JSON.stringify(value));
    const columns = [job, round, attempt, setRoot, members!, modelHash, modelFile, metrics!];
    this.#run('INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', ...columns);
    if (this.outcome(job, round)?.modelHash !== modelHash)
      throw new Error(`round ${round} of ${job}: applying the sum again gave another model`);
  }

  outcome(job: JobId, round: number): StoredOutcome | undefined {
    const row = this.#get('SELECT * FROM outcomes WHERE job = ? AND round = ?', job, round);
    return (
      row && {
        attempt: numberOf(row, 'attempt'),
        setRoot: digestOf(row, 'set_root'),
        members: JSON.parse(textOf(row, 'members')) as SiteId[],
        modelHash: digestOf(row, 'model_hash'),
        modelFile: textOf(row, 'model_file'),
        metrics: JSON.parse(textOf(row, 'metrics')) as Record<string, number>,
      }
    );
  }

  recordConsent(job: JobId, consent: StoredConsent): StoredConsent {
    const { manifestHash, rosterHash, message } = consent;
    const columns = [job, manifestHash, rosterHash, message.payload, message.signature];
    this.#run('INSERT INTO consents VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', ...columns);
    const recorded = this.consent(job) ?? consent;
    refuseUnless(
      recorded.manifestHash === manifestHash && recorded.rosterHash === rosterHash,
      'CONFLICTING_SUBMISSION',
      `${job}: this site consented to another manifest or roster under that name`,
    );
    return recorded;
  }

  consent(job: JobId): StoredConsent | undefined {
    const row = this.#get('SELECT * FROM consents WHERE job = ?', job);
    return (
      row && {
        manifestHash: digestOf(row, 'manifest_hash'),
        rosterHash: digestOf(row, 'roster_hash'),
        message: messageOf(row),
      }
    );
  }

  recordModel(job: JobId, { round, hash, file }: CurrentModel): void {
    const upsert = `INSERT INTO models VALUES (?, ?, ?, ?) ON CONFLICT (job) DO UPDATE
      SET round = excluded.round, hash = excluded.hash, file = excluded.file WHERE excluded.round >= round`;
    this.#run(upsert, job, round, hash, file);
  }

  model(job: JobId): CurrentModel | undefined {
    const row = this.#get('SELECT * FROM models WHERE job = ?', job);
    return row && { round: numberOf(row, 'round'), hash: digestOf(row, 'hash'), file: textOf(row, 'file') };
  }

  recordDecision(job: JobId, decision: Decision): void {
    this.#decisions.recordDecision(job, decision);
  }

  decision(job: JobId): Decision | undefined {
    return this.#decisions.decision(job);
  }

  recordWithdrawal(job: JobId, withdrawal: StoredWithdrawal): StoredWithdrawal {
    return this.#decisions.recordWithdrawal(job, withdrawal);
  }

  withdrawal(job: JobId): StoredWithdrawal | undefined {
    return this.#decisions.withdrawal(job);
  }

  contributedRounds() {
    return this.#decisions.contributedRounds();
  }

  jobs() {
    return this.#decisions.jobs();
  }

  recordRosterApproval(version: number, approval: StoredApproval): StoredApproval {
    return this.#rosters.recordRosterApproval(version, approval);
  }

  rosterApproval(version: number): StoredApproval | undefined {
    return this.#rosters.rosterApproval(version);
  }

  recordRoster(roster: StoredRoster): void {
    this.#rosters.recordRoster(roster);
  }

  rosters(): readonly StoredRoster[] {
    return this.#rosters.rosters();
  }

  recordJobRoster(job: JobId, version: number): void {
    this.#rosters.recordJobRoster(job, version);
  }

  recordModelVote(job: JobId, round: number, vote: StoredModelVote, decision: ReleaseDecision): void {
    this.#releases.recordModelVote(job, round, vote, decision);
  }

  modelVote(job: JobId, round: number) {
    return this.#releases.modelVote(job, round);
  }

  recordModelRefusal(job: JobId, round: number, decision: ReleaseDecision): void {
    this.#releases.recordModelRefusal(job, round, decision);
  }

  releaseDecision(job: JobId, round: number) {
    return this.#releases.releaseDecision(job, round);
  }

  recordReleased(job: JobId, round: number): void {
    this.#releases.recordReleased(job, round);
  }

  openModelVotes() {
    return this.#releases.openModelVotes();
  }

  close(): void {
    this.#database.close();
  }

  #migrate(): void {
    const version = numberOf(this.#get('PRAGMA user_version') ?? {}, 'user_version');
    refuseUnless(
      version <= SCHEMA_STEPS.length,
      'CONFIG_INVALID',
      `the journal has version ${version}, this program knows ${SCHEMA_STEPS.length}: use the program that wrote it`,
    );
    for (const step of SCHEMA_STEPS.slice(version)) this.#database.exec(step);
    this.#database.exec(`PRAGMA user_version = ${SCHEMA_STEPS.length}`);
  }

  #atomically(action: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      action();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Returns how many rows changed. */
  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
  }

  #get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#database.prepare(sql).get(...values);
  }
}

function keyOf({ job, round, attempt }: AttemptId): [JobId, number, number] {
  return [job, round, attempt];
}
