// Everything of a coordinator that is on disk, opened: all of it under the state directory, but for the log if it is elsewhere.
//
//   coordinator.sqlite                       jobs, consents, rounds, messages, checkpoints, releases, rosters, members, certificates, invitations,
//                                            API keys, sessions, idempotency keys, the audit trail
//   blobs/<job>/<round>-<attempt>/<owner>.<kind>   uploads, sums and released models (storage/blob-path.ts); what the auditor's verify-round reads
//   identity/  log-keys/                     secrets, 0600, under a passphrase if there is one
//   log/                                     the transparency log's public files
//   admin.sock                               the operator's commands
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { signCommitPromise, type CommitPromise, type SignedMessage } from '@blindsum/proto';
import type { P256Signer } from '@blindsum/proto/node';
import type { CertificateRecordStore } from './certificate-record-store.ts';
import type { ApiKeyStore } from './access/api-key-store.ts';
import type { WriteStore } from './api/write-store.ts';
import type { SessionStore } from './access/session-store.ts';
import { createArchiveNames, type ArchiveNames } from './archive-names.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { Config } from './config.ts';
import { refusingWhenFull } from './disk/full-disk.ts';
import { loadAuthority } from './identity/authority-files.ts';
import type { Authority } from './identity/authority.ts';
import { openExternalAuthority } from './identity/external-authority.ts';
import type { InvitationStore } from './invitation-store.ts';
import { openLogKeys } from './log/log-keys.ts';
import { openFileLogStore } from './log/file-log-store.ts';
import type { LogStore } from './log/log-store.ts';
import { openSequencer, type Log } from './log/sequencer.ts';
import type { MemberStore } from './member-store.ts';
import type { CheckpointStore, Clock, JobStore, RoundStore } from './ports.ts';
import type { ReleaseStore } from './release/release-store.ts';
import type { RosterStore } from './roster-store.ts';
import { openSqliteDatabase } from './storage/database.ts';
import { createFileBlobStore } from './storage/file-blob-store.ts';
import { createListedBlobs, type ListedBlobStore } from './storage/listed-blobs.ts';
import { createSqliteCertificateRecordStore } from './storage/sqlite-certificates.ts';
import { createSqliteApiKeyStore } from './storage/sqlite-api-key-store.ts';
import { createSqliteAuditTrail } from './storage/sqlite-audit-trail.ts';
import { createSqliteCheckpointStore } from './storage/sqlite-checkpoint-store.ts';
import { createSqliteCosignatureStore } from './storage/sqlite-cosignature-store.ts';
import { createSqliteInvitationStore } from './storage/sqlite-invitation-store.ts';
import { createSqliteJobStore } from './storage/sqlite-job-store.ts';
import { createSqliteMemberStore } from './storage/sqlite-member-store.ts';
import { createSqliteReleaseStore } from './storage/sqlite-release-store.ts';
import { createSqliteRosterStore } from './storage/sqlite-roster-store.ts';
import { createSqliteRoundStore } from './storage/sqlite-round-store.ts';
import { createSqliteSessionStore } from './storage/sqlite-session-store.ts';
import { createSqliteTrafficStore } from './storage/sqlite-traffic-store.ts';
import { createSqliteWriteStore } from './storage/sqlite-write-store.ts';
import type { TrafficStore } from './traffic/round-traffic.ts';
import type { CosignatureStore } from './witnessing/cosignature-store.ts';
import { toCosigningRule } from './witnessing/logged-rules.ts';

export interface State {
  readonly jobs: JobStore;
  readonly rounds: RoundStore;
  readonly checkpoints: CheckpointStore;
  readonly releases: ReleaseStore;
  readonly rosters: RosterStore;
  readonly cosignatures: CosignatureStore;
  readonly members: MemberStore;
  readonly invitations: InvitationStore;
  readonly certificateRecords: CertificateRecordStore;
  readonly trail: AuditTrail;
  readonly traffic: TrafficStore;
  readonly apiKeys: ApiKeyStore;
  readonly sessions: SessionStore;
  readonly writes: WriteStore;
  readonly blobs: ListedBlobStore;
  readonly archiveNames: ArchiveNames;
  readonly blobFolder: string;
  readonly log: Log;
  /** Where the log's files are; what it wrote itself is its own. */
  readonly logFiles: LogStore;
  /** With the key of the log's checkpoints. */
  readonly signPromise: (promise: CommitPromise) => SignedMessage;
  /** Signs the log's records, and what says which files a released model has. */
  readonly recordSigner: P256Signer;
  readonly authority: Authority;
  close(): Promise<void>;
}

/** Opens the state, whose ports refuse QUOTA_EXCEEDED and call `noteFull` when the disk is full, and makes what a first start needs: the authority, the log and their keys. */
export async function openState(config: Config, clock: Clock, noteFull: () => void): Promise<State> {
  const { stateDirectory } = config;
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  await chmod(stateDirectory, 0o700);
  const blobFolder = join(stateDirectory, 'blobs');
  const keys = await openLogKeys(join(stateDirectory, 'log-keys'), config.log.origin, config.keys);
  const logFiles = await openFileLogStore(config.log.directory);
  const log = await openSequencer(logFiles, keys, toCosigningRule(config.witnesses));
  const authority = await openConfiguredAuthority(config, clock.nowMs());
  const database = await openSqliteDatabase(join(stateDirectory, 'coordinator.sqlite'));
  const patient = <T extends object>(port: T): T => refusingWhenFull(port, noteFull);
  return {
    jobs: patient(createSqliteJobStore(database)),
    rounds: patient(createSqliteRoundStore(database)),
    checkpoints: patient(createSqliteCheckpointStore(database)),
    releases: patient(createSqliteReleaseStore(database)),
    rosters: patient(createSqliteRosterStore(database)),
    cosignatures: patient(createSqliteCosignatureStore(database)),
    members: patient(createSqliteMemberStore(database)),
    invitations: patient(createSqliteInvitationStore(database)),
    certificateRecords: patient(createSqliteCertificateRecordStore(database)),
    trail: patient(createSqliteAuditTrail(database)),
    traffic: patient(createSqliteTrafficStore(database)),
    apiKeys: patient(createSqliteApiKeyStore(database)),
    sessions: patient(createSqliteSessionStore(database)),
    writes: patient(createSqliteWriteStore(database)),
    blobs: patient(createListedBlobs(createFileBlobStore(blobFolder))),
    archiveNames: patient(createArchiveNames(blobFolder)),
    blobFolder,
    log: patient(log),
    logFiles: patient(logFiles),
    signPromise: (promise) => signCommitPromise(promise, keys.checkpoint.sign),
    recordSigner: keys.record,
    authority,
    close: () => database.destroy(),
  };
}

function openConfiguredAuthority(
  { stateDirectory, federation, identity, keys }: Config,
  nowMs: number,
): Promise<Authority> {
  if (identity.authority === 'external') return openExternalAuthority(federation, identity, nowMs);
  const { siteCertificateDays: site, serverCertificateDays: server } = identity;
  return loadAuthority(stateDirectory, federation, nowMs, { days: { site, server }, keys });
}
