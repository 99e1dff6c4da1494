// Puts a backup where its coordinator's state was, if it is not behind what the log has published since.
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseUtf8, Refusal, refuseUnless, utf8, type Bytes, type JobId } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import { openCheckpoint, parseVkey } from '@blindsum/proto/tlog';
import { recordRestore } from '../administration/record-restore.ts';
import type { Config } from '../config.ts';
import { isErrno } from '../log/durable-file.ts';
import {
  DATABASE_FILE,
  MANIFEST_FILE,
  parseBackupManifest,
  type BackupFile,
  type BackupManifest,
} from './backup-manifest.ts';
import { copyHashed, isVacant, putInPlace, writeNew } from './copied-files.ts';
import { endOpenJobs } from './end-open-jobs.ts';
import { isAdministrationOnly, revocationsIn } from './later-records.ts';
import {
  isAhead,
  openPublishedLog,
  verifyConsistent,
  verifyNotBehind,
  type OwnLog,
} from './published-log.ts';
import { revokeAgain } from './revoke-again.ts';
import { takeLog } from './take-log.ts';

/** What vouches that no entries were published since: copies of the log, or nobody, which is written down. */
export type Published = { readonly sources: readonly string[] } | 'none';

export interface RestoreRequest {
  readonly config: Config;
  /** Folder of the backup. */
  readonly from: string;
  readonly published: Published;
  /** Where the published log is ahead: take it over, and end the jobs that were open, instead of refusing. */
  readonly endOpenJobs: boolean;
  readonly nowMs: number;
  /** Who gave the command. */
  readonly user: string;
  readonly onProgress: (done: number, total: number) => void;
}

export interface RestoreReport {
  readonly manifest: BackupManifest;
  /** The copies of the log that were compared, with their sizes. */
  readonly published: readonly Compared[];
  /** Jobs that were ended. */
  readonly ended: readonly JobId[];
}

interface Compared {
  readonly source: string;
  readonly size: number;
}

/** In the state directory: what it was restored from, and what vouched for that. */
const RESTORED_FILE = 'restored.json';

/**
 * Refuses CONFIG_INVALID for a state directory that is not empty, for another federation, and without a word on the published
 * log; MALFORMED for a backup that is not what its manifest says; BAD_CHECKPOINT for one that is behind the published log or
 * contradicts it; BAD_ROSTER for one that is older than the latest roster in it. Nothing is put in place unless all of it is.
 */
export async function restoreBackup(request: RestoreRequest): Promise<RestoreReport> {
  const { config, from } = request;
  const manifest = parseBackupManifest(await readRequired(join(from, MANIFEST_FILE)));
  await verifyPlace(config, manifest);
  const published = await verifyPublished(request, manifest);
  const staging = `${config.stateDirectory}.restoring-${randomBytes(6).toString('hex')}`;
  const logStaging = `${config.log.directory}.restoring-${randomBytes(6).toString('hex')}`;
  try {
    const logFiles = logFolder(config, staging) ?? logStaging;
    await copyVerified(request, manifest, { state: staging, log: logFiles });
    const ended = await catchUp(request, { logFiles, database: join(staging, DATABASE_FILE), published });
    await recordRestore({
      database: join(staging, DATABASE_FILE),
      log: { read: openPublishedLog(logFiles) },
      caller: { actor: { kind: 'local', user: request.user, claimed: true }, from: 'command' },
      subject: from,
      clock: { nowMs: () => request.nowMs },
    });
    const { createdMs: backupMs, log } = manifest;
    const restored = { restoredMs: request.nowMs, backupMs, log, published, ended };
    await writeNew(join(staging, RESTORED_FILE), utf8(`${JSON.stringify(restored, null, 2)}\n`));
    // The log first: a state without its log would found another one.
    if (!logFolder(config, staging) && (await isVacant(config.log.directory)))
      await putInPlace(logStaging, config.log.directory);
    await putInPlace(staging, config.stateDirectory);
    return { manifest, published, ended };
  } finally {
    for (const left of [staging, logStaging]) await rm(left, { recursive: true, force: true });
  }
}

interface Staged {
  readonly logFiles: string;
  readonly database: string;
  readonly published: readonly Compared[];
}

/**
 * Where a copy of the log is ahead, takes the longest one over. Jobs that were open are ended, and returned, and who was revoked
 * since is revoked, unless the copy only vouches for more administrative actions. Refuses BAD_ROSTER if a roster was adopted since.
 */
async function catchUp(
  { endOpenJobs: isAheadAllowed, nowMs }: RestoreRequest,
  { logFiles, database, published }: Staged,
): Promise<readonly JobId[]> {
  const { key, checkpoint } = await openOwnLog(logFiles);
  const [longest] = published.toSorted((a, b) => b.size - a.size);
  if (!longest || BigInt(longest.size) <= checkpoint.size) return [];
  await rm(logFiles, { recursive: true });
  await takeLog(longest.source, key, logFiles);
  // What each other copy holds must be its beginning.
  const taken = await openOwnLog(logFiles);
  for (const { source } of published) await verifyNotBehind(taken, source);
  // Judged by what has the signed root, and not by what the copy showed before.
  const later = { read: taken.read, from: checkpoint.size, to: taken.checkpoint.size };
  if (await isAdministrationOnly(later)) return [];
  if (!isAheadAllowed) throw isAhead(longest.source, taken.checkpoint.size, checkpoint.size);
  await revokeAgain(database, await revocationsIn(later), nowMs);
  return endOpenJobs(database);
}

async function verifyPlace(config: Config, { federation, origin }: BackupManifest): Promise<void> {
  refuseUnless(
    await isVacant(config.stateDirectory),
    'CONFIG_INVALID',
    `${config.stateDirectory} is not empty: move it away first`,
  );
  refuseUnless(
    federation === config.federation && origin === config.log.origin,
    'CONFIG_INVALID',
    `the backup is of federation ${federation} with log ${origin}, the configuration is for ${config.federation} with log ${config.log.origin}`,
  );
}

async function verifyPublished(
  { config, from, published, endOpenJobs: isAheadAllowed }: RestoreRequest,
  manifest: BackupManifest,
): Promise<Compared[]> {
  const own = await openOwnLog(join(from, 'log'));
  refuseUnless(
    Number(own.checkpoint.size) === manifest.log.size,
    'MALFORMED',
    'the log of the backup is not the one that its manifest names',
  );
  // A log kept elsewhere may have outlived the state.
  const survived = (await isVacant(config.log.directory)) ? [] : [config.log.directory];
  const sources = [...survived, ...config.log.mirrors, ...(published === 'none' ? [] : published.sources)];
  refuseUnless(
    sources.length > 0 || published === 'none',
    'CONFIG_INVALID',
    'a backup that is behind its published log must not go on: name a copy of that log with --published (a folder or an address), ' +
      'or say with --no-published-log that there is none',
  );
  const compared: Compared[] = [];
  for (const source of sources) {
    const { size } = await verifyConsistent(own, source);
    const later = { read: openPublishedLog(source), from: own.checkpoint.size, to: size };
    // Before everything is copied in vain.
    if (size > later.from && !isAheadAllowed && !(await isAdministrationOnly(later)))
      throw isAhead(source, size, later.from);
    compared.push({ source, size: Number(size) });
  }
  const latest = Math.max(manifest.log.size, ...compared.map(({ size }) => size));
  const stale = compared.find(({ source, size }) => source === survived[0] && size < latest);
  refuseUnless(
    stale === undefined,
    'CONFIG_INVALID',
    `log.directory: ${config.log.directory} holds an older copy of the log: move it away`,
  );
  return compared;
}

/** The log in `folder`. Refuses NOT_FOUND if there is none, and what does not verify. */
export async function openOwnLog(folder: string): Promise<OwnLog> {
  const key = parseVkey(parseUtf8(await readRequired(join(folder, 'log.vkey')), 'log.vkey').trimEnd());
  const checkpoint = openCheckpoint(await readRequired(join(folder, 'checkpoint')), key, verifyEd25519);
  return { checkpoint, key, read: openPublishedLog(folder) };
}

/** Copies all files, each compared with its hash. */
async function copyVerified(
  { from, onProgress }: RestoreRequest,
  { files }: BackupManifest,
  to: { readonly state: string; readonly log: string },
): Promise<void> {
  for (const [done, file] of files.entries()) {
    const isLog = file.path.startsWith('log/');
    const target = isLog ? join(to.log, file.path.slice('log/'.length)) : join(to.state, file.path);
    await copyOne(from, file, target);
    onProgress(done + 1, files.length);
  }
}

async function copyOne(from: string, { path, bytes, sha256 }: BackupFile, target: string): Promise<void> {
  const copied = await copyHashed(join(from, path), target).catch((cause: unknown) => {
    if (!isErrno(cause, 'ENOENT')) throw cause;
    throw new Refusal('MALFORMED', `the backup lacks ${path}`, { cause });
  });
  const isSame = copied.bytes === bytes && copied.sha256 === sha256;
  refuseUnless(isSame, 'MALFORMED', `the backup's file ${path} is not what its manifest says`);
}

/** Where the log goes within the state; undefined for one that is kept elsewhere. */
function logFolder({ stateDirectory, log }: Config, staging: string): string | undefined {
  const inside = relative(stateDirectory, log.directory);
  return inside.startsWith('..') || inside === '' ? undefined : join(staging, inside);
}

async function readRequired(path: string): Promise<Bytes> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT')) throw cause;
    throw new Refusal('NOT_FOUND', `${path} is not there: is it a backup?`, { cause });
  }
}
