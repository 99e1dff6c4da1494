// A stored job with its documents parsed. They are parsed once: the bytes of a job never change.
import {
  checkpointBytes,
  domainDigest,
  globalModelBytes,
  parseManifest,
  parseRoster,
  payloadLayout,
  Refusal,
  roundKind,
  toHex,
  type Bytes,
  type Digest,
  type JobId,
  type Manifest,
  type Roster,
} from '@blindsum/proto';
import type { JobBytes, JobStore, StoredJob } from './ports.ts';

export interface JobDocument {
  readonly manifest: Manifest;
  readonly roster: Roster;
  readonly manifestHash: Digest;
  readonly rosterHash: Digest;
  readonly authorSignature: Bytes;
  /** Length of a checkpoint. */
  readonly checkpointBytes: number;
  /** Chunks of a contribution to round `round`; refuses NOT_FOUND unless the job has such a round. */
  chunks(round: number): number;
}

export interface OpenJob {
  readonly stored: StoredJob;
  readonly document: JobDocument;
}

export interface JobReader {
  /** Refuses NOT_FOUND. */
  open(job: JobId): Promise<OpenJob>;
}

export function createJobReader(jobs: JobStore): JobReader {
  const parsed = new Map<JobId, JobDocument>();
  return {
    async open(job) {
      const stored = await jobs.load(job);
      if (!stored) throw new Refusal('NOT_FOUND', `no job named ${job}`);
      const document = parsed.get(job) ?? parseJobDocument(stored);
      parsed.set(job, document);
      return { stored, document };
    },
  };
}

/** Refuses what `parseManifest` and `parseRoster` refuse. */
export function parseJobDocument({
  manifest: manifestBytes,
  roster: rosterBytes,
  authorSignature,
}: JobBytes): JobDocument {
  const manifest = parseManifest(manifestBytes);
  const roster = parseRoster(rosterBytes);
  return {
    manifest,
    roster,
    manifestHash: toHex(domainDigest('blindsum/v1/manifest', manifestBytes)) as Digest,
    rosterHash: toHex(domainDigest('blindsum/v1/roster', rosterBytes)) as Digest,
    authorSignature,
    checkpointBytes: checkpointBytes({
      members: roster.members.length,
      modelBytes: globalModelBytes(manifest),
    }),
    chunks(round) {
      if (round > manifest.rounds + 1) {
        throw new Refusal('NOT_FOUND', `${manifest.job} has rounds 0 to ${manifest.rounds + 1}`);
      }
      return payloadLayout(manifest, roster.members.length, roundKind(round, manifest.rounds)).chunks;
    },
  };
}
