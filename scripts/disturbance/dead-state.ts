// What a killed process left on its disk, read from copies, so that its next start finds what it left.
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseManifest, type Manifest } from '@blindsum/proto';
import { readCount } from '../../coordinator/src/storage/blob-file.ts';

export interface RoundRow {
  readonly round: number;
  readonly attempt: number;
  readonly phase: string;
  /** Of a failed attempt. */
  readonly failure: string | undefined;
  /** Of the sealed set, if there is one. */
  readonly members: readonly string[];
  /** Kinds of effects that are owed. */
  readonly owed: readonly string[];
}

export interface MessageRow {
  readonly round: number;
  readonly attempt: number;
  readonly type: string;
  readonly site: string;
  readonly subject: string;
}

/** Bytes by `<round>-<attempt>/<site>.<kind>`. */
export type BlobSizes = ReadonlyMap<string, number>;

export interface CoordinatorState {
  readonly jobState: string;
  readonly manifest: Manifest;
  /** By round and attempt. */
  readonly rounds: readonly RoundRow[];
  readonly messages: readonly MessageRow[];
  readonly blobs: BlobSizes;
}

export interface OutcomeRow {
  readonly round: number;
  readonly modelHash: string;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface JournalState {
  readonly commitments: readonly {
    readonly round: number;
    readonly attempt: number;
    readonly isAccepted: boolean;
  }[];
  readonly acknowledged: ReadonlySet<number>;
  readonly opened: ReadonlySet<number>;
  readonly outcomes: readonly OutcomeRow[];
}

interface StoredState {
  readonly phase: string;
  readonly reason?: string;
  readonly detail?: string;
  readonly set?: { readonly members: readonly string[] };
}

/** The state of one job in the folder of a coordinator that does not run. */
export async function readCoordinatorState(folder: string, job: string): Promise<CoordinatorState> {
  const blobs = await readBlobSizes(folder, job);
  return withCopy(join(folder, 'coordinator.sqlite'), (database) => {
    const [jobRow] = rowsOf<{ status: string; manifest: Uint8Array<ArrayBuffer> }>(
      database,
      'SELECT status, manifest FROM jobs JOIN job_documents USING (job) WHERE job = ?',
      job,
    );
    if (!jobRow) throw new Error(`${folder}: no job ${job}`);
    const rounds = rowsOf<{ round: number; attempt: number; state: string; owed: string }>(
      database,
      'SELECT round, attempt, state, owed FROM rounds WHERE job = ? ORDER BY round, attempt',
      job,
    );
    return {
      jobState: (JSON.parse(jobRow.status) as { state: string }).state,
      manifest: parseManifest(jobRow.manifest),
      rounds: rounds.map(toRoundRow),
      messages: rowsOf<MessageRow>(
        database,
        'SELECT round, attempt, type, site, subject FROM round_messages WHERE job = ?',
        job,
      ),
      blobs,
    };
  });
}

const EMPTY_JOURNAL: JournalState = {
  commitments: [],
  acknowledged: new Set(),
  opened: new Set(),
  outcomes: [],
};

/** The journal in the folder of a site that does not run; an empty one if it was killed before it made any. */
export async function readJournal(folder: string, job: string): Promise<JournalState> {
  const path = join(folder, 'journal.sqlite');
  if (!existsSync(path)) return EMPTY_JOURNAL;
  return withCopy(path, (database) => {
    // Killed between making the file and its tables.
    if (rowsOf(database, "SELECT 1 FROM sqlite_master WHERE name = 'outcomes'").length === 0)
      return EMPTY_JOURNAL;
    const roundsIn = (table: string) =>
      new Set(
        rowsOf<{ round: number }>(database, `SELECT round FROM ${table} WHERE job = ?`, job).map(
          ({ round }) => round,
        ),
      );
    const commitments = rowsOf<{ round: number; attempt: number; is_accepted: number }>(
      database,
      'SELECT round, attempt, is_accepted FROM commitments WHERE job = ?',
      job,
    );
    const outcomes = rowsOf<{ round: number; model_hash: string; metrics: string }>(
      database,
      'SELECT round, model_hash, metrics FROM outcomes WHERE job = ?',
      job,
    );
    return {
      commitments: commitments.map(({ is_accepted, ...id }) => ({ ...id, isAccepted: is_accepted === 1 })),
      acknowledged: roundsIn('acknowledgements'),
      opened: roundsIn('openings'),
      outcomes: outcomes.map(({ round, model_hash, metrics }) => ({
        round,
        modelHash: model_hash,
        metrics: JSON.parse(metrics) as Record<string, number>,
      })),
    };
  });
}

/** Bytes that a coordinator, alive or not, has of each upload; of all attempts, or of the one in `attempt` (`<round>-<attempt>`). */
export async function readBlobSizes(folder: string, job: string, attempt?: string): Promise<BlobSizes> {
  const root = join(folder, 'blobs', job);
  const sizes = new Map<string, number>();
  for (const name of attempt === undefined ? await listFolder(root) : [attempt]) {
    for (const file of await listFolder(join(root, name))) {
      if (!/\.(?:ciphertext|shares|opening)$/.test(file)) continue;
      const size = await readSize(join(root, name, file));
      if (size !== undefined) sizes.set(`${name}/${file}`, size);
    }
  }
  return sizes;
}

function toRoundRow(row: { round: number; attempt: number; state: string; owed: string }): RoundRow {
  const state = JSON.parse(row.state) as StoredState;
  return {
    round: row.round,
    attempt: row.attempt,
    phase: state.phase,
    failure: state.reason === undefined ? undefined : `${state.reason}: ${state.detail ?? ''}`,
    members: state.set?.members ?? [],
    owed: (JSON.parse(row.owed) as { kind: string }[]).map(({ kind }) => kind),
  };
}

/** Undefined for a file that was removed meanwhile. */
async function readSize(path: string): Promise<number | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  try {
    return file && (await readCount(file));
  } finally {
    await file?.close();
  }
}

function listFolder(path: string): Promise<string[]> {
  return readdir(path).catch(() => []);
}

async function withCopy<T>(path: string, read: (database: DatabaseSync) => T): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'blindsum-post-mortem-'));
  try {
    const copy = join(folder, 'copy.sqlite');
    await copyFile(path, copy);
    // What was committed and not yet moved into the database itself.
    await copyFile(`${path}-wal`, `${copy}-wal`).catch(() => undefined);
    const database = new DatabaseSync(copy);
    try {
      return read(database);
    } finally {
      database.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowsOf<T>(database: DatabaseSync, query: string, ...parameters: string[]): T[] {
  return database.prepare(query).all(...parameters) as T[];
}
