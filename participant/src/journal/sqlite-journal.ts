// The journal in one SQLite file, with an fsync before every commit returns.
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import {
  refuseUnless,
  type Bytes,
  type Digest,
  type JobId,
  type SignedMessage,
  type SiteId,
} from '@blindsum/proto';
import type {
  AcknowledgedSet,
  AttemptId,
  CurrentModel,
  Journal,
  NewCommitment,
  StoredApproval,
  StoredCommitment,
  StoredConsent,
  StoredOpening,
  StoredOutcome,
  StoredRoster,
} from './journal.ts';
import { SCHEMA, SCHEMA_VERSION, STEPS } from './journal-schema.ts';

type Row = Record<string, SQLOutputValue>;

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
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    // FULL: a commit is on the disk, not only in the system's cache, before the site acts on it.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
    this.#atomically(() => this.#migrate());
  }

  recordCommitment(id: AttemptId, commitment: NewCommitment): StoredCommitment {
    const { message, files } = commitment;
    const columns = [...keyOf(id), message.payload, message.signature, files.ciphertext, files.shares];
    this.#run('INSERT INTO commitments VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING', ...columns);
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

  close(): void {
    this.#database.close();
  }

  #migrate(): void {
    const version = numberOf(this.#get('PRAGMA user_version') ?? {}, 'user_version');
    refuseUnless(
      version <= SCHEMA_VERSION,
      'CONFIG_INVALID',
      `the journal has version ${version}, this program knows ${SCHEMA_VERSION}: use the program that wrote it`,
    );
    if (version === SCHEMA_VERSION) return;
    if (version === 0) this.#database.exec(SCHEMA);
    for (let next = Math.max(version, 1) + 1; next <= SCHEMA_VERSION; next++)
      this.#database.exec(STEPS[next]!);
    this.#database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
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

function messageOf(row: Row): SignedMessage {
  return { payload: bytesOf(row, 'payload'), signature: bytesOf(row, 'signature') };
}

function digestOf(row: Row, column: string): Digest {
  return textOf(row, column) as Digest;
}

function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`journal: ${column} is not text`);
  return value;
}

function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`journal: ${column} is not a number`);
  return value;
}

function bytesOf(row: Row, column: string): Bytes {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`journal: ${column} is not bytes`);
  return value;
}
