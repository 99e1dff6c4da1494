// A copy of a coordinator's state from which the normal recovery goes on, of one that runs or is stopped.
//
// The stores depend on each other: what the database no longer owes is in the log, what the log has was decided in the database,
// and what the database has accepted is among the blobs. So the database is copied while the log stands still (its checkpoint is
// the same before and after), of the log only the entries up to that checkpoint are taken, and the blobs are copied last: they
// may hold more than the database knows, as after a crash, and never less, because nothing is removed while the copy is made.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { isEqualBytes, Refusal, refuseUnless, toHex, type Bytes, type Digest } from '@blindsum/proto';
import { parseCheckpoint, parseNote } from '@blindsum/proto/tlog';
import type { Config } from '../config.ts';
import { isErrno } from '../log/durable-file.ts';
import { VERSION } from '../version.ts';
import {
  DATABASE_FILE,
  encodeBackupManifest,
  MANIFEST_FILE,
  type BackupFile,
  type BackupManifest,
} from './backup-manifest.ts';
import { copyHashed, isVacant, listFiles, putInPlace, writeNew } from './copied-files.ts';

export interface BackupRequest {
  readonly config: Config;
  /** Folder to be made; nothing or an empty folder may be there. */
  readonly out: string;
  readonly nowMs: number;
  /** Tells a running coordinator to remove nothing for some minutes; does nothing for one that is stopped. */
  readonly holdRetention: () => Promise<void>;
  readonly onProgress: (done: number, total: number) => void;
}

export interface BackupReport {
  readonly manifest: BackupManifest;
  readonly bytes: number;
  /** Of manifest.json: what it names is what was copied. */
  readonly manifestSha256: Digest;
}

const MAX_TRIES = 100;
const RETRY_MS = 100;
/** Well below the time for which retention is held. */
const HOLD_EVERY_MS = 60_000;

/** Refuses CONFIG_INVALID for an `out` that is taken, NOT_FOUND for a state directory without a state, BUSY for a log that never rests. */
export async function createBackup(request: BackupRequest): Promise<BackupReport> {
  const { config, out } = request;
  refuseUnless(await isVacant(out), 'CONFIG_INVALID', `${out} is not empty: name a folder that is not there`);
  const staging = `${out}.partial-${randomBytes(6).toString('hex')}`;
  await mkdir(staging, { recursive: true, mode: 0o700 });
  try {
    await request.holdRetention();
    const note = await copyDatabase(config, join(staging, DATABASE_FILE));
    const report = await copyRest(request, staging, note);
    await putInPlace(staging, out);
    return report;
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error;
  }
}

/** Copies the database, and returns the checkpoint of the log that goes with it. */
async function copyDatabase(config: Config, to: string): Promise<Bytes> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const before = await readCheckpoint(config);
    await rm(to, { force: true });
    vacuumInto(join(config.stateDirectory, DATABASE_FILE), to);
    if (isEqualBytes(before, await readCheckpoint(config))) {
      await chmod(to, 0o600);
      return before;
    }
    await sleep(RETRY_MS);
  }
  throw new Refusal('BUSY', 'the log grew whenever the database was copied; try again');
}

/** One consistent state of the database, whoever writes meanwhile. */
function vacuumInto(from: string, to: string): void {
  const database = new DatabaseSync(from);
  try {
    database.exec('pragma busy_timeout = 5000');
    database.prepare('vacuum into ?').run(to);
  } finally {
    database.close();
  }
}

async function readCheckpoint({ log, stateDirectory }: Config): Promise<Bytes> {
  try {
    return new Uint8Array(await readFile(join(log.directory, 'checkpoint')));
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT')) throw cause;
    throw new Refusal(
      'NOT_FOUND',
      `no coordinator has run with ${stateDirectory}: its log has no checkpoint`,
      { cause },
    );
  }
}

async function copyRest(request: BackupRequest, staging: string, note: Bytes): Promise<BackupReport> {
  const { config, nowMs, onProgress } = request;
  const { size, root } = parseCheckpoint(parseNote(note).text);
  const sources = await findSources(config, size);
  const files: BackupFile[] = [
    { path: 'log/checkpoint', ...(await writeNew(join(staging, 'log/checkpoint'), note)) },
    { path: DATABASE_FILE, ...(await rewrite(join(staging, DATABASE_FILE))) },
  ];
  let heldMs = Date.now();
  for (const [done, { from, path }] of sources.entries()) {
    if (Date.now() - heldMs > HOLD_EVERY_MS) {
      await request.holdRetention();
      heldMs = Date.now();
    }
    const copied = await copyIfThere(from, join(staging, path));
    if (copied) files.push({ path, ...copied });
    onProgress(done + 1, sources.length);
  }
  const { federation, log } = config;
  const logHead = { size: Number(size), root: toHex(root) as Digest };
  const about = { federation, origin: log.origin, createdMs: nowMs, coordinatorVersion: VERSION };
  const manifest: BackupManifest = { ...about, log: logHead, files };
  const { sha256 } = await writeNew(join(staging, MANIFEST_FILE), encodeBackupManifest(manifest));
  return { manifest, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), manifestSha256: sha256 };
}

/** SQLite does not say that its copy is on disk. */
async function rewrite(path: string) {
  const copied = await copyHashed(path, `${path}.synced`);
  await rename(`${path}.synced`, path);
  return copied;
}

/** An upload that was never committed may be discarded at any time. */
async function copyIfThere(from: string, to: string) {
  try {
    return await copyHashed(from, to);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

interface Source {
  readonly from: string;
  /** In the backup. */
  readonly path: string;
}

/** All files but the database and the checkpoint. Entries of the log beyond `size` are decisions that the database does not hold. */
async function findSources({ stateDirectory, log }: Config, size: bigint): Promise<Source[]> {
  const under = async (folder: string, name: string): Promise<Source[]> =>
    (await listFiles(folder)).map((file) => ({ from: join(folder, file), path: `${name}/${file}` }));
  const logFiles = (await under(log.directory, 'log')).filter(({ from }) => {
    const path = relative(log.directory, from);
    const [, entry] = /^sequence\/([0-9]+)$/.exec(path) ?? [];
    return path !== 'checkpoint' && !path.startsWith('tmp/') && (entry === undefined || BigInt(entry) < size);
  });
  const secrets = await Promise.all(
    ['identity', 'log-keys'].map((name) => under(join(stateDirectory, name), name)),
  );
  const blobs = await under(join(stateDirectory, 'blobs'), 'blobs');
  return [...secrets.flat(), ...logFiles, ...blobs].filter(({ path }) => !path.endsWith('.tmp'));
}
