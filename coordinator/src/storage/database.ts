// Kysely over node:sqlite.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely';
import { Migrator } from 'kysely/migration';
import { createMigrations } from './migrations.ts';
import { PreparedReads } from './prepared-reads.ts';
import { withProbe } from './room-probe.ts';
import type { Database, Tables } from './tables.ts';

// A commit is on disk when it returns (FULL), and another process may hold the write lock for as long as its own commit takes.
const PRAGMAS = `
  pragma busy_timeout = 5000;
  pragma journal_mode = WAL;
  pragma synchronous = FULL;
  pragma foreign_keys = ON;
`;

/**
 * Opens the database at `path` (created if absent; ':memory:' for one that is never written) and brings its tables up to
 * date. Several processes may open the same file. Close it with `destroy()`.
 */
export async function openSqliteDatabase(path: string): Promise<Database> {
  const sqlite = new DatabaseSync(path, { readBigInts: true });
  try {
    sqlite.exec(PRAGMAS);
    const database = new Kysely<Tables>({
      dialect: new SqliteDialect({ database: toSqliteDatabase(sqlite, path) }),
    });
    await migrate(sqlite, database);
    return database;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/** All steps or none, and one process at a time: SQLite can roll back table definitions too. */
async function migrate(sqlite: DatabaseSync, database: Database): Promise<void> {
  const migrator = new Migrator({ db: database, provider: createMigrations() });
  sqlite.exec('begin immediate');
  const { error } = await migrator.migrateToLatest();
  sqlite.exec(error === undefined ? 'commit' : 'rollback');
  if (error !== undefined) throw new Error('the database could not be brought up to date', { cause: error });
}

const NOTHING: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0n, lastInsertRowid: 0n }),
  iterate: () => [][Symbol.iterator](),
};

/** Kysely's dialect expects the shape of better-sqlite3. */
function toSqliteDatabase(sqlite: DatabaseSync, path: string): SqliteDatabase {
  const reads = new PreparedReads(sqlite);
  return {
    close: () => sqlite.close(),
    prepare: (text) => {
      // SQLite itself rolls back when the disk is full; Kysely's own attempt would hide that error behind another one.
      if (text === 'rollback' && !sqlite.isTransaction) return NOTHING;
      const statement = reads.prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => withProbe(path, () => statement.all(...toInputValues(parameters))),
        run: (parameters) => withProbe(path, () => statement.run(...toInputValues(parameters))),
        iterate: (parameters) => statement.iterate(...toInputValues(parameters)),
      };
    },
  };
}

function toInputValues(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters as SQLInputValue[];
}
