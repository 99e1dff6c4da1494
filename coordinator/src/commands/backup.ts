// `blindsum-coordinator backup` and `restore`.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Refusal } from '@blindsum/proto';
import { trustAuthorityFile } from '@blindsum/proto/node';
import type { AdminClient } from '@blindsum/admin-client';
import { commandUser } from '../admin/admin-caller.ts';
import { adminSocketPath, refuseIfRunning } from '../admin/admin-socket.ts';
import { connectSocket } from '../admin/admin-transport.ts';
import { Administration } from '../administration/administration.ts';
import { DATABASE_FILE } from '../backup/backup-manifest.ts';
import { createBackup } from '../backup/create-backup.ts';
import { restoreBackup, type Published } from '../backup/restore-backup.ts';
import { loadConfig, type Config } from '../config.ts';
import { createSqliteAuditTrail } from '../storage/sqlite-audit-trail.ts';
import { openSqliteDatabase } from '../storage/database.ts';
import type { Output } from './operator.ts';
import { answered } from './target.ts';

const PROGRESS_MS = 1000;

/** Copies the state of a coordinator, running or stopped, into a new folder. */
export async function backup(configPath: string, out: string, output: Output): Promise<void> {
  const config = await loadConfig(configPath);
  const client = connectSocket(adminSocketPath(config));
  const folder = resolve(out);
  const isRunning = await isAnnounced(client, folder);
  if (!isRunning) await announceStopped(config, folder);
  const holdRetention = async (): Promise<void> => {
    try {
      if (isRunning) await answered(client.POST('/v1/retention-hold'));
    } catch (error) {
      // It was stopped meanwhile, and removes nothing any more.
      if (!(error instanceof Refusal) || error.code !== 'UNAVAILABLE') throw error;
    }
  };
  const onProgress = createProgress('copied');
  const request = { config, out: folder, nowMs: Date.now(), holdRetention, onProgress };
  const { manifest, bytes, manifestSha256 } = await createBackup(request);
  const { log, files } = manifest;
  const report = { backup: folder, files: files.length, bytes, logSize: log.size, manifestSha256, isRunning };
  if (output.json) return output.print(JSON.stringify(report));
  output.print(
    `${folder} holds ${files.length} files of ${bytes} bytes, with the log at ${log.size} records, and the keys of the ` +
      `federation; SHA-256 of its manifest: ${manifestSha256}`,
  );
}

/** Has a running coordinator write down that a backup is made; false if none runs. */
async function isAnnounced(client: AdminClient, folder: string): Promise<boolean> {
  try {
    await answered(client.POST('/v1/backups', { body: { folder } }));
    return true;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'UNAVAILABLE') throw error;
    return false;
  }
}

/** Writes the same into the state of one that is stopped, if there is one. */
async function announceStopped({ stateDirectory }: Config, folder: string): Promise<void> {
  const path = join(stateDirectory, DATABASE_FILE);
  if (!existsSync(path)) return;
  const database = await openSqliteDatabase(path);
  try {
    const trail = createSqliteAuditTrail(database);
    const administration = new Administration({ trail, clock: { nowMs: () => Date.now() } });
    const caller = { actor: { kind: 'local', user: commandUser(), claimed: true }, from: 'command' } as const;
    await administration.perform(caller, { action: 'backup.create', subject: folder }, async () => {});
  } finally {
    await database.destroy();
  }
}

export interface RestoreOptions {
  readonly from: string;
  readonly published: Published;
  readonly endOpenJobs: boolean;
}

/** Puts a backup in the place of a state directory that is empty. */
export async function restore(
  configPath: string,
  { from, published, endOpenJobs }: RestoreOptions,
  output: Output,
): Promise<void> {
  const config = await loadConfig(configPath);
  await refuseIfRunning(adminSocketPath(config));
  if (config.trustedCaFile !== undefined) await trustAuthorityFile(config.trustedCaFile, 'trustedCaFile');
  const onProgress = createProgress('verified and copied');
  const nowMs = Date.now();
  const user = commandUser();
  const request = { config, from: resolve(from), published, endOpenJobs, nowMs, user, onProgress };
  const { manifest, published: copies, ended } = await restoreBackup(request);
  const { log, files } = manifest;
  const { stateDirectory } = config;
  if (output.json) {
    const answer = { stateDirectory, files: files.length, logSize: log.size, published: copies, ended };
    return output.print(JSON.stringify(answer));
  }
  const compared = copies.map(({ source }) => source).join(', ') || 'no published copy';
  const cancelled = ended.length === 0 ? '' : `; cancelled, because they were open: ${ended.join(', ')}`;
  output.print(
    `${stateDirectory} is restored; the backup had ${log.size} records of the log, compared with ${compared}${cancelled}`,
  );
}

/** At most a line a second, for people who wait. */
function createProgress(what: string): (done: number, total: number) => void {
  let lastMs = Date.now();
  return (done, total) => {
    if (Date.now() - lastMs < PROGRESS_MS) return;
    lastMs = Date.now();
    process.stderr.write(`blindsum-coordinator: ${what} ${done} of ${total} files\n`);
  };
}
