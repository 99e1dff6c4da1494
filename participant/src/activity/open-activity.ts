// `activity.sqlite` in the state directory: what this site sent, was asked for and does. For its own people: nothing that the
// protocol rests on is in it, so that it may be deleted, and losing it loses a history and no promise.
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { refuseUnless } from '@blindsum/proto';
import { numberOf } from '../journal/rows.ts';
import type { ContactLog, SentLedger } from './sent-ledger.ts';
import { SqliteSent } from './sqlite-sent.ts';
import { SqliteWorkBook } from './sqlite-work-book.ts';
import type { WorkBook } from './work-book.ts';

export const ACTIVITY_FILE = 'activity.sqlite';

export interface Activity {
  readonly sent: SentLedger & ContactLog;
  readonly work: WorkBook;
  readonly close: () => void;
}

const FIRST = `
  -- Messages that left, or were about to, by kind and attempt; never what is in them.
  CREATE TABLE sent (
    kind TEXT NOT NULL,
    -- Empty for what is about no job, and for earlier jobs together.
    job TEXT NOT NULL,
    -- -1 for what is about no round, and for earlier rounds together.
    round INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    times INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, job, round, attempt)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sent_by_time ON sent (last_ms);
  -- When the coordinator answered, and when it did not. One row.
  CREATE TABLE contact (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    answered_ms INTEGER,
    failed_ms INTEGER,
    failure TEXT
  ) STRICT;
  -- Jobs as the coordinator showed them, not verified.
  CREATE TABLE offers (
    job TEXT PRIMARY KEY,
    manifest BLOB NOT NULL,
    author_signature BLOB NOT NULL,
    roster BLOB NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL
  ) STRICT;
  -- What the agent does for each job: a JSON object (JobWork in work-book.ts).
  CREATE TABLE works (
    job TEXT PRIMARY KEY,
    work TEXT NOT NULL,
    last_ms INTEGER NOT NULL
  ) STRICT;
  -- The agent that started last. One row.
  CREATE TABLE agent (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version TEXT NOT NULL,
    started_ms INTEGER NOT NULL
  ) STRICT;
`;

/** Each makes the next version of the file; a step that was released is never changed. */
const STEPS: readonly string[] = [FIRST];

/**
 * Opens or creates the file; several processes of the site may have it open. Refuses CONFIG_INVALID one of a later version of
 * this program.
 */
export function openActivity(stateDirectory: string): Activity {
  const database = new DatabaseSync(join(stateDirectory, ACTIVITY_FILE));
  const atomically = createAtomically(database);
  try {
    // NORMAL: a commit is with the system and outlives the process. It costs no flush, of which there would be one for each message.
    database.exec('PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    atomically(() => migrate(database));
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    sent: new SqliteSent(database, atomically),
    work: new SqliteWorkBook(database, atomically),
    close: () => database.close(),
  };
}

function migrate(database: DatabaseSync): void {
  const version = numberOf(database.prepare('PRAGMA user_version').get()!, 'user_version');
  refuseUnless(
    version <= STEPS.length,
    'CONFIG_INVALID',
    `${ACTIVITY_FILE} has version ${version}, this program knows ${STEPS.length}: use the program that wrote it, or delete the file`,
  );
  for (const step of STEPS.slice(version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${STEPS.length}`);
}

function createAtomically(database: DatabaseSync): (action: () => void) => void {
  return (action) => {
    database.exec('BEGIN IMMEDIATE');
    try {
      action();
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
}
