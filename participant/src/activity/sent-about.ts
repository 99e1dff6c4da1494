// Which kind of message each call of the coordinator's services is. A call that is not in the table is not made.
import { BlobKind } from '@blindsum/proto/rpc';
import type { SentAbout } from './sent-ledger.ts';
import type { SentKind } from './sent-forms.ts';

/** `upload` sends what its first message says. */
type CallKind = SentKind | 'upload';

/** By the path of the call, without the package. */
export const CALLS: Readonly<Record<string, CallKind>> = {
  'FederationService/GetFederation': 'question',
  'FederationService/Heartbeat': 'heartbeat',
  'EnrolmentService/Enrol': 'enrolment',
  'EnrolmentService/Renew': 'enrolment',
  'JobService/ListJobs': 'question',
  'JobService/GetJob': 'question',
  'JobService/Consent': 'consent',
  'JobService/Withdraw': 'withdrawal',
  'RosterService/GetRosterChain': 'question',
  'RosterService/ApproveRoster': 'roster-approval',
  'RosterService/RefuseRoster': 'roster-refusal',
  'RoundService/WatchRound': 'question',
  'RoundService/Commit': 'commitment',
  'RoundService/Acknowledge': 'acknowledgement',
  'RoundService/Complain': 'complaint',
  'RoundService/SubmitChecksum': 'checksum',
  'RoundService/Open': 'opening',
  'RoundService/Attest': 'attestation',
  'RoundService/OfferCheckpoint': 'model-offer',
  'RoundService/ComplainAboutCheckpoint': 'model-complaint',
  'LogService/GetLog': 'question',
  'LogService/GetCheckpoint': 'question',
  'LogService/GetRecord': 'question',
  'LogService/Cosign': 'cosignature',
  'LogService/ShowCheckpoint': 'log-evidence',
  'ReleaseService/GetRelease': 'question',
  'ReleaseService/VoteForRelease': 'model-vote',
  'ReleaseService/RefuseRelease': 'model-refusal',
  'ReleaseService/DeliverModel': 'released-model',
  'UploadService/GetUploadStatus': 'question',
  'UploadService/Upload': 'upload',
  'DownloadService/DownloadSum': 'question',
  'DownloadService/DownloadContribution': 'question',
  'DownloadService/DownloadShares': 'question',
  'DownloadService/DownloadOpenings': 'question',
  'DownloadService/DownloadCheckpoint': 'question',
};

const UPLOADS: ReadonlyMap<BlobKind, SentKind> = new Map([
  [BlobKind.CIPHERTEXT, 'ciphertext'],
  [BlobKind.SHARES, 'shares'],
  [BlobKind.OPENING, 'sealed-opening'],
  [BlobKind.CHECKPOINT, 'sealed-model'],
  [BlobKind.MODEL, 'released-model'],
]);

/** The part of a request that says what it is about. */
export interface SentRequest {
  readonly job?: string;
  readonly ref?: { readonly job: string; readonly round: number; readonly attempt: number };
}

/** What the request of a call is about; of questions, the job only. Throws for a call that the table does not have. */
export function toSentAbout(path: string, request: SentRequest): SentAbout {
  const kind = CALLS[path.slice(path.lastIndexOf('.') + 1)];
  if (kind === undefined || kind === 'upload') throw new Error(`${path}: what it sends is not known`);
  const job = request.ref?.job ?? request.job;
  const { round, attempt } = kind === 'question' ? {} : (request.ref ?? {});
  return { kind, job, round, attempt };
}

/** The same of an upload, by its header. */
export function toUploadAbout(
  upload: BlobKind,
  { job, round, attempt }: NonNullable<SentRequest['ref']>,
): SentAbout {
  const kind = UPLOADS.get(upload);
  if (kind === undefined) throw new Error(`upload ${upload}: what it sends is not known`);
  return { kind, job, round, attempt };
}
