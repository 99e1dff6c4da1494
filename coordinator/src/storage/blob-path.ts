// Where a blob lies under the root of a file store: <job>/<round>-<attempt>/<owner>.<kind>
import { join } from 'node:path';
import { parseDigest, parseJobId, parseSiteId, Refusal, refuseUnless, type JobId } from '@blindsum/proto';
import { BLOB_KINDS, type BlobName, type RoundId } from '../ports.ts';

/**
 * The path of a blob. Names are parsed again, although whoever made them has parsed them before: what leaves the root here is
 * written over. Refuses MALFORMED.
 */
export function blobPath(root: string, name: BlobName): string {
  const { job, round, attempt } = name.id;
  refuseUnless(isCount(round) && isCount(attempt), 'MALFORMED', 'round or attempt');
  return join(root, parseJobId(job), `${round}-${attempt}`, `${parseOwner(name)}.${name.kind}`);
}

/** The attempt that a folder under that of `job` is of; undefined for one that no blob has made. */
export function parseAttemptFolder(job: JobId, folder: string): RoundId | undefined {
  const [, round, attempt] = /^(0|[1-9][0-9]{0,9})-(0|[1-9][0-9]{0,9})$/.exec(folder) ?? [];
  if (round === undefined || attempt === undefined) return undefined;
  return { job, round: Number(round), attempt: Number(attempt) };
}

/** The blob that a file in the folder of attempt `id` holds; undefined for a file that is no blob's. */
export function parseBlobFile(id: RoundId, file: string): BlobName | undefined {
  const dot = file.lastIndexOf('.');
  const kind = BLOB_KINDS.find((known) => known === file.slice(dot + 1));
  if (dot < 1 || !kind) return undefined;
  const name = { id, kind, owner: file.slice(0, dot) } as BlobName;
  try {
    parseOwner(name);
    return name;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function parseOwner({ kind, owner }: BlobName): string {
  switch (kind) {
    case 'ciphertext':
    case 'shares':
    case 'opening':
    case 'checkpoint':
    case 'model':
      return parseSiteId(owner);
    case 'sum':
      return parseDigest(owner, 'set root');
    default:
      throw new Refusal('MALFORMED', 'kind of blob');
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
