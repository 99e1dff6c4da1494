// The memory of a witness in one SQLite file. Its keys are in the same file as what it has seen: a witness that lost the second but
// kept the first would cosign a log that went back.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '@blindsum/proto';
import { toSystemFault } from '@blindsum/proto/node';
import type { WitnessedHead } from '@blindsum/proto/tlog';
import type { WitnessStore } from './witness-store.ts';

const FILE = 'witness.sqlite';
const OWNER_ONLY = { folder: 0o700, file: 0o600 };

// A commit is on disk when it returns (FULL). Sizes go to 2^64-1, which SQLite's integers do not: they are text.
const SCHEMA = `
  pragma busy_timeout = 5000;
  pragma journal_mode = WAL;
  pragma synchronous = FULL;
  create table if not exists heads (
    origin text primary key, size text not null, root blob not null, note text not null
  ) strict;
  create table if not exists keys (slot text primary key, secret text not null) strict;
`;

/** Opens the memory in `folder`, which is made if it is not there, readable by its owner only. Refuses UNAVAILABLE. */
export function openSqliteWitnessStore(folder: string): WitnessStore {
  const path = join(folder, FILE);
  try {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY.folder });
    const database = new DatabaseSync(path);
    chmodSync(path, OWNER_ONLY.file);
    database.exec(SCHEMA);
    return new SqliteWitnessStore(database);
  } catch (cause) {
    throw new Refusal('UNAVAILABLE', `cannot open ${path}: ${toSystemFault(cause)}`, { cause });
  }
}

class SqliteWitnessStore implements WitnessStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  read(origin: string): WitnessedHead | undefined {
    const row = this.#database.prepare('select size, root, note from heads where origin = ?').get(origin);
    if (!row) return undefined;
    const { size, root, note } = row as { size: string; root: Uint8Array; note: string };
    return { size: BigInt(size), root: new Uint8Array(root), note };
  }

  replace(origin: string, before: WitnessedHead | undefined, { size, root, note }: WitnessedHead): boolean {
    const after = [String(size), Uint8Array.from(root), note];
    const { changes } = before
      ? this.#database
          .prepare('update heads set size = ?, root = ?, note = ? where origin = ? and size = ? and root = ?')
          .run(...after, origin, String(before.size), Uint8Array.from(before.root))
      : this.#database
          .prepare('insert into heads (size, root, note, origin) values (?, ?, ?, ?) on conflict do nothing')
          .run(...after, origin);
    return Number(changes) === 1;
  }

  keyOf(slot: string, create: () => string): string {
    const insert = this.#database.prepare(
      'insert into keys (slot, secret) values (?, ?) on conflict do nothing',
    );
    const select = this.#database.prepare('select secret from keys where slot = ?');
    if (!select.get(slot)) insert.run(slot, create());
    // Read again: of two processes that start together, one has made the key.
    return (select.get(slot) as { secret: string }).secret;
  }

  close(): void {
    this.#database.close();
  }
}
