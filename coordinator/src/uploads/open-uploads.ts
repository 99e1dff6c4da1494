// Uploads within the limits of the configuration.
import type { Config } from '../config.ts';
import type { DiskSpace } from '../disk/disk-space.ts';
import type { Happenings } from '../events/happenings.ts';
import type { Metrics } from '../metrics.ts';
import type { State } from '../state.ts';
import { createUploadQuota, toUploadLimits, type LimitName } from './upload-quota.ts';
import { createUploads, type Uploads } from './uploads.ts';

export interface UploadSurroundings extends Pick<State, 'blobs'> {
  readonly metrics: Pick<Metrics, 'uploadRefused'>;
  readonly space: DiskSpace;
  readonly happenings: Pick<Happenings, 'noteUpload'>;
}

export function openUploads(
  config: Config,
  { blobs, metrics, space, happenings }: UploadSurroundings,
): Uploads {
  const refused = (limit: LimitName): void => metrics.uploadRefused(limit);
  const quota = createUploadQuota({ limits: toUploadLimits(config), blobs, space, refused });
  const progressed = happenings.noteUpload.bind(happenings);
  return createUploads({ blobs, quota, progressed, maxStreams: config.limits.maxUploadsAtOnce });
}
