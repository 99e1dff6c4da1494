// The file of a released model, as a voter uploads it: what it must be, and what it turned out to be. It may be large, so that
// it is read in parts.
import { createHash } from 'node:crypto';
import {
  globalModelBytes,
  PART_BYTES,
  Refusal,
  toHex,
  type Bytes,
  type Digest,
  type SiteId,
} from '@blindsum/proto';
import type { BlobStore } from '../ports.ts';
import { modelTarget, type UploadTarget } from '../uploads/upload-target.ts';
import type { PublishedRound } from './release-record.ts';

export interface ModelFileHashes {
  /** SHA-256("blindsum/v1/model" ‖ file). */
  readonly modelHash: Digest;
  /** SHA-256 of the file. */
  readonly fileDigest: Digest;
}

/** Where a site's upload of the model lies, and how long it is. */
export function modelUploadOf({ id, document }: Omit<PublishedRound, 'round'>, site: SiteId): UploadTarget {
  return modelTarget(id, site, globalModelBytes(document.manifest));
}

/** Both hashes of a whole upload. Refuses PART_OUT_OF_ORDER for one that is not whole. */
export async function hashUpload(
  blobs: Pick<BlobStore, 'size' | 'read'>,
  target: UploadTarget,
): Promise<ModelFileHashes> {
  const bytes = await blobs.size(target);
  if (bytes !== target.size)
    throw new Refusal('PART_OUT_OF_ORDER', `${bytes} of ${target.size} bytes of the model are here`);
  const [model, file] = [createHash('sha256').update('blindsum/v1/model'), createHash('sha256')];
  for await (const part of readUpload(blobs, target)) {
    model.update(part);
    file.update(part);
  }
  return { modelHash: toHex(model.digest()) as Digest, fileDigest: toHex(file.digest()) as Digest };
}

/** The parts of a whole upload, of 1 MiB but the last. */
export async function* readUpload(
  blobs: Pick<BlobStore, 'read'>,
  target: UploadTarget,
): AsyncGenerator<Bytes> {
  for (let at = 0; at < target.size; at += PART_BYTES)
    yield await blobs.read(target, at, Math.min(PART_BYTES, target.size - at));
}
