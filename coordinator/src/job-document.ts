// A stored job with its documents parsed, under the roster of each of its rounds. They are parsed once: the bytes of a job and of
// an adopted roster never change.
import {
  checkpointBytes,
  domainDigest,
  globalModelBytes,
  isEqualBytes,
  parseChainedRoster,
  parseManifest,
  payloadLayout,
  Refusal,
  roundKind,
  toHex,
  type Bytes,
  type ChainedRoster,
  type Digest,
  type JobId,
  type Manifest,
  type Roster,
} from '@blindsum/proto';
import type { JobBytes, JobHead, JobStore } from './ports.ts';
import { rosterByHash, type RosterReader } from './roster-reader.ts';

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
  readonly stored: JobHead;
  readonly document: JobDocument;
}

export interface JobReader {
  /** The job under the roster that it was submitted under; `head` is the job as it was just read, if it was. Refuses NOT_FOUND. */
  open(job: JobId, head?: JobHead): Promise<OpenJob>;
  /** The same under the roster of one of its rounds. Refuses NOT_FOUND, also for a roster that is not adopted. */
  at(job: JobId, rosterHash: Digest): Promise<JobDocument>;
}

export function createJobReader(jobs: Pick<JobStore, 'load' | 'head'>, rosters: RosterReader): JobReader {
  const parsed = new Map<string, JobDocument>();
  const open = async (job: JobId, read?: JobHead): Promise<OpenJob> => {
    const known = parsed.get(job);
    // The bytes of its documents are only read to be parsed.
    const head = known && (read ?? (await jobs.head(job)));
    if (known && head) return { stored: head, document: known };
    const stored = await jobs.load(job);
    if (!stored) throw new Refusal('NOT_FOUND', `no job named ${job}`);
    const { adopted } = await rosters.read();
    // Jobs of hundreds of members have the same ones: a roster that was adopted is parsed already.
    const own = adopted.find(({ link }) => isEqualBytes(link.roster, stored.roster));
    const document = parseJobDocument(stored, own);
    parsed.set(job, document);
    return { stored, document };
  };
  const adoptedAs = async (hash: Digest): Promise<ChainedRoster> => {
    const found = rosterByHash(await rosters.read(), hash);
    if (!found) throw new Refusal('NOT_FOUND', `no adopted roster has the hash ${hash}`);
    return found;
  };
  return {
    open,
    async at(job, rosterHash) {
      const key = `${job} ${rosterHash}`;
      const known = parsed.get(key);
      if (known) return known;
      const { document } = await open(job);
      const under =
        document.rosterHash === rosterHash ? document : toDocument(document, await adoptedAs(rosterHash));
      parsed.set(key, under);
      return under;
    },
  };
}

/** `own` is the job's roster, if it was parsed before. Refuses what `parseManifest` and `parseRoster` refuse. */
export function parseJobDocument(
  { manifest: manifestBytes, roster, authorSignature }: JobBytes,
  own?: ChainedRoster,
): JobDocument {
  const manifest = parseManifest(manifestBytes);
  const manifestHash = toHex(domainDigest('blindsum/v1/manifest', manifestBytes)) as Digest;
  return toDocument({ manifest, manifestHash, authorSignature }, own ?? parseChainedRoster(roster));
}

function toDocument(
  {
    manifest,
    manifestHash,
    authorSignature,
  }: Pick<JobDocument, 'manifest' | 'manifestHash' | 'authorSignature'>,
  { roster, hash }: ChainedRoster,
): JobDocument {
  return {
    ...{ manifest, manifestHash, authorSignature },
    ...{ roster, rosterHash: hash },
    checkpointBytes: checkpointBytes({
      members: roster.members.length,
      modelBytes: globalModelBytes(manifest),
    }),
    chunks(round) {
      if (round > manifest.rounds + 1) {
        throw new Refusal('NOT_FOUND', `${manifest.job} has rounds 0 to ${manifest.rounds + 1}`);
      }
      return payloadLayout(manifest, roundKind(round, manifest.rounds)).chunks;
    },
  };
}
