// The tables as Kysely sees them. Every integer is a bigint in both directions, times are milliseconds since 1970, documents
// are JSON text, bytes are blobs: what SQLite and PostgreSQL understand alike.
import type { Kysely } from 'kysely';
import type { Bytes } from '@blindsum/proto';
import type { RevocationReason } from '@blindsum/proto/tlog';

export interface JobRow {
  job: string;
  /** 1 and up; counts every change of `status`. */
  version: bigint;
  /** JobStatus as JSON. */
  status: string;
  /** The state in it, by which the jobs that have not ended are found. */
  state: string;
  submitted_ms: bigint;
}

/** Apart from the job, which is read and written often: a roster of 200 members is half a megabyte. */
export interface JobDocumentsRow {
  job: string;
  /** Exact bytes, as hashed and consented to. */
  manifest: Bytes;
  roster: Bytes;
  /** Of the manifest's author; empty for a job submitted before manifests had one. */
  author_signature: Bytes;
}

export interface ConsentRow {
  job: string;
  site: string;
  payload: Bytes;
  signature: Bytes;
}

/** The withdrawal of a site; with its consent, so that a site has one of each for a job. */
export interface WithdrawalRow {
  job: string;
  site: string;
  payload: Bytes;
  signature: Bytes;
}

export interface RoundRow {
  job: string;
  round: bigint;
  attempt: bigint;
  /** 1 and up; compare-and-swap goes by it. */
  version: bigint;
  /** Round as JSON. */
  state: string;
  /** Effect[] as JSON, stored with the state they follow from. */
  owed: string;
  started_ms: bigint;
}

export interface RoundMessageRow {
  job: string;
  round: bigint;
  attempt: bigint;
  type: string;
  /** Who signed. */
  site: string;
  /** Whom it is about: differs from `site` for a proxy's checksum. */
  subject: string;
  /** Names the message by content, so that the same one again is no second row, and an acknowledgement of a later set is. */
  digest: string;
  /** The version of the round that the message led to, and its place among those that arrived with it: their order. */
  version: bigint;
  position: bigint;
  payload: Bytes;
  signature: Bytes;
}

/** Bytes that came and went for an attempt while it was in a phase. */
export interface RoundTrafficRow {
  job: string;
  round: bigint;
  attempt: bigint;
  phase: string;
  received_bytes: bigint;
  sent_bytes: bigint;
}

export interface CheckpointRow {
  job: string;
  /** 1 and up; compare-and-swap goes by it. */
  version: bigint;
  /** CheckpointRequest, and what is left of the one before, as JSON. */
  state: string;
}

export interface ReleaseRow {
  job: string;
  round: bigint;
  /** The one that was published. */
  attempt: bigint;
  /** 1 and up; compare-and-swap goes by it. */
  version: bigint;
  /** Release as JSON. */
  state: string;
}

export interface RosterRow {
  version: bigint;
  /** 1 and up; compare-and-swap goes by it. */
  revision: bigint;
  /** `proposed` or `adopted`. */
  state: string;
  hash: string;
  /** Exact bytes, as hashed and approved. */
  roster: Bytes;
  /** Signed approvals, and refusals with their reasons, as JSON. */
  answers: string;
}

export interface MemberRow {
  site: string;
  /** Ed25519, 32 bytes. */
  signing_key: Bytes;
  /** X-Wing, 1216 bytes. */
  sharing_key: Bytes;
  admitted_ms: bigint;
  /** Of the last heartbeat, with what it said; null before the first. */
  last_seen_ms: bigint | null;
  version: string;
  backend: string;
  activity: string;
  permille: bigint;
  /** Null unless the site was revoked. */
  revoked_ms: bigint | null;
  revocation_reason: RevocationReason | null;
}

export interface MemberCertificateRow {
  /** SHA-256 of the DER form, in hexadecimal. */
  fingerprint: string;
  site: string;
  /** Counts the certificates of the site, from 1: the largest is the one in use. */
  sequence: bigint;
  /** Empty for one of before certificates were kept, of which the log has no record either. */
  pem: string;
  not_before_ms: bigint;
  not_after_ms: bigint;
  /** Pseudonym of the member it was issued to: keys under a name may be replaced. */
  member: string;
  /** Null as long as it counts. */
  revoked_ms: bigint | null;
}

export interface CertificateRecordRow {
  /** The order in which the log is told. */
  sequence: bigint;
  /** Predicate of a certificate record as JSON. */
  predicate: string;
}

export interface InvitationRow {
  /** 16 bytes in hexadecimal. */
  id: string;
  site: string;
  /** SHA-256 of the secret, in hexadecimal. */
  secret_digest: string;
  created_ms: bigint;
  expires_ms: bigint;
  /** 1 if it may take the place of an admitted site. */
  replaces: bigint;
  /** Digest of the keys that it admitted, and when; null before. */
  used_by: string | null;
  used_ms: bigint | null;
  revoked_ms: bigint | null;
}

/** A checkpoint of the log with its cosignatures. */
export interface CosignedNoteRow {
  size: bigint;
  /** 1 and up; compare-and-swap goes by it. */
  version: bigint;
  /** A signed note. */
  note: string;
  /** 1 if it met the quorum. */
  has_quorum: bigint;
}

/** Inserted, and never changed or removed. */
export interface TrailEntryRow {
  /** 1 and up. */
  sequence: bigint;
  /** SHA-256 that the next entry names, in hexadecimal. */
  hash: string;
  /** Those in the bytes, by which what is unfinished is found. */
  outcome: string;
  completes: bigint;
  /** Canonical JSON (proto/src/trail-entry.ts). */
  bytes: Bytes;
}

/** A credential of a program or a person; the secret itself is nowhere. */
export interface ApiKeyRow {
  /** Names it, in the credential and in the trail: 16 hexadecimal digits. */
  key: string;
  /** 1 and up; compare-and-swap goes by it. */
  version: bigint;
  name: string;
  /** Scope. */
  scope: string;
  /** SHA-256 of the secret, in hexadecimal. */
  secret_hash: string;
  /** Of the secret before, and until when it is good; null if there is none. */
  retired_hash: string | null;
  retired_until_ms: bigint | null;
  created_ms: bigint;
  expires_ms: bigint | null;
  revoked_ms: bigint | null;
  /** To the minute. */
  last_used_ms: bigint | null;
}

/** Somebody who signed in with a browser. */
export interface SessionRow {
  /** SHA-256 of what the cookie holds, in hexadecimal. */
  hash: string;
  /** TrailActor as JSON. */
  actor: string;
  created_ms: bigint;
  /** Whatever happens. */
  ends_ms: bigint;
  /** To the minute. */
  last_used_ms: bigint;
}

/** A write of the admin API that was asked for under an idempotency key. */
export interface IdempotentWriteRow {
  /** SHA-256 over who asked and the key, in hexadecimal. */
  name: string;
  /** SHA-256 of what was asked. */
  request: string;
  begun_ms: bigint;
  /** Of the answer; null as long as nobody knows what became of it. */
  status: bigint | null;
  location: string | null;
  /** JSON; null also for one that held a secret. */
  answer: string | null;
}

export interface Tables {
  jobs: JobRow;
  job_documents: JobDocumentsRow;
  consents: ConsentRow;
  withdrawals: WithdrawalRow;
  rounds: RoundRow;
  round_messages: RoundMessageRow;
  round_traffic: RoundTrafficRow;
  checkpoints: CheckpointRow;
  releases: ReleaseRow;
  rosters: RosterRow;
  cosigned_notes: CosignedNoteRow;
  members: MemberRow;
  member_certificates: MemberCertificateRow;
  certificate_records: CertificateRecordRow;
  invitations: InvitationRow;
  trail_entries: TrailEntryRow;
  api_keys: ApiKeyRow;
  sessions: SessionRow;
  idempotent_writes: IdempotentWriteRow;
}

export type Database = Kysely<Tables>;
