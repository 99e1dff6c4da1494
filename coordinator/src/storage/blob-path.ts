// Where a blob lies under the root of a file store: <job>/<round>-<attempt>/<owner>.<kind>
import { join } from 'node:path';
import { parseDigest, parseJobId, parseSiteId, Refusal, refuseUnless } from '@blindsum/proto';
import type { BlobName } from '../ports.ts';

/**
 * The path of a blob. Names are parsed again, although whoever made them has parsed them before: what leaves the root here is
 * written over. Refuses MALFORMED.
 */
export function blobPath(root: string, name: BlobName): string {
  const { job, round, attempt } = name.id;
  refuseUnless(isCount(round) && isCount(attempt), 'MALFORMED', 'round or attempt');
  return join(root, parseJobId(job), `${round}-${attempt}`, `${parseOwner(name)}.${name.kind}`);
}

function parseOwner({ kind, owner }: BlobName): string {
  switch (kind) {
    case 'ciphertext':
    case 'shares':
    case 'opening':
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
