// Models that everybody may fetch, and what lies beside them. Nothing of a model is here before its release is in the log and its
// file is that of the record.
import type { Bytes, Digest, JobId } from '@blindsum/proto';
import { MODEL_SIGNATURE_FILE } from '@blindsum/proto/provenance';
import type { BlobStore } from '../ports.ts';
import { MODEL_FILE } from './model-description.ts';
import { readUpload } from './model-upload.ts';
import { modelTarget } from '../uploads/upload-target.ts';
import { CARD_FILE, DESCRIPTION_FILE, PROVENANCE_FILE } from './release-files.ts';
import type { ReleaseStore } from './release-store.ts';

export const RELEASE_FILES = [
  MODEL_FILE,
  DESCRIPTION_FILE,
  PROVENANCE_FILE,
  MODEL_SIGNATURE_FILE,
  CARD_FILE,
] as const;
export type ReleaseFile = (typeof RELEASE_FILES)[number];

export interface ReleasedModel {
  readonly job: JobId;
  readonly round: number;
  readonly fileDigest: Digest;
}

/** The content of a file: a text, or so many bytes in parts. */
export type ReleasedContent =
  { readonly text: string } | { readonly bytes: number; readonly parts: AsyncIterable<Bytes> };

export interface ReleasedModels {
  list(): Promise<readonly ReleasedModel[]>;
  /** Undefined for what is not released. */
  read(job: JobId, round: number, file: ReleaseFile): Promise<ReleasedContent | undefined>;
}

export function createReleasedModels(
  releases: ReleaseStore,
  blobs: Pick<BlobStore, 'size' | 'read'>,
): ReleasedModels {
  return {
    async list() {
      return (await releases.list()).flatMap(({ id: { job, round }, release }) =>
        release.state === 'available' ? [{ job, round, fileDigest: release.fileDigest }] : [],
      );
    },
    async read(job, round, file) {
      const stored = await releases.load(job, round);
      if (stored?.release.state !== 'available') return undefined;
      const { from, files } = stored.release;
      if (file !== MODEL_FILE) {
        const text = files[file];
        return text === undefined ? undefined : { text };
      }
      const name = { id: stored.id, kind: 'model', owner: from } as const;
      const bytes = await blobs.size(name);
      return { bytes, parts: readUpload(blobs, modelTarget(stored.id, from, bytes)) };
    },
  };
}
