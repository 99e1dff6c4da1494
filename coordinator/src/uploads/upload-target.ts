// What a site is to upload for a round: how long each blob is, and how it is cut for its Merkle root.
import { CHUNK_BYTES, PART_BYTES, SEALED_SHARE_BYTES, type SiteId } from '@blindsum/proto';
import type { BlobName, RoundId } from '../ports.ts';

export interface UploadTarget extends BlobName {
  readonly kind: 'ciphertext' | 'shares' | 'opening' | 'checkpoint' | 'model';
  readonly owner: SiteId;
  /** Bytes of the whole blob, as the manifest and the roster prescribe it. */
  readonly size: number;
  /** Bytes of a leaf of the root that the site signs; the last leaf may be shorter. */
  readonly recordBytes: number;
}

/** The ciphertext of a site: `chunks` chunks, with the 1 MiB parts as leaves. */
export function ciphertextTarget(id: RoundId, owner: SiteId, chunks: number): UploadTarget {
  return { id, kind: 'ciphertext', owner, size: chunks * CHUNK_BYTES, recordBytes: PART_BYTES };
}

/** The shares of a site's key, one sealed to each of `members`, in roster order. */
export function sharesTarget(id: RoundId, owner: SiteId, members: number): UploadTarget {
  return sealedTarget({ id, kind: 'shares', owner }, members);
}

/** The sums of shares that a site releases, one sealed to each of `members`, in roster order. */
export function openingTarget(id: RoundId, owner: SiteId, members: number): UploadTarget {
  return sealedTarget({ id, kind: 'opening', owner }, members);
}

/** The model of a round, sealed by a site that attested it: `size` bytes, with the 1 MiB parts as leaves. */
export function checkpointTarget(id: RoundId, owner: SiteId, size: number): UploadTarget {
  return { id, kind: 'checkpoint', owner, size, recordBytes: PART_BYTES };
}

/** The file of a released model: `size` bytes. */
export function modelTarget(id: RoundId, owner: SiteId, size: number): UploadTarget {
  return { id, kind: 'model', owner, size, recordBytes: PART_BYTES };
}

/** Leaves of the whole blob. */
export function recordCount({ size, recordBytes }: UploadTarget): number {
  return Math.ceil(size / recordBytes);
}

/** A spelling of the blob's name to look it up by. */
export function targetKey({ id, kind, owner }: UploadTarget): string {
  return `${id.job}/${id.round}-${id.attempt}/${owner}.${kind}`;
}

function sealedTarget(name: Pick<UploadTarget, 'id' | 'kind' | 'owner'>, members: number): UploadTarget {
  return { ...name, size: members * SEALED_SHARE_BYTES, recordBytes: SEALED_SHARE_BYTES };
}
