// Uploads within the limits of the configuration.
import type { Config } from '../config.ts';
import type { DiskSpace } from '../disk/disk-space.ts';
import type { Metrics } from '../metrics.ts';
import type { State } from '../state.ts';
import { createUploadQuota, toUploadLimits, type LimitName } from './upload-quota.ts';
import { createUploads, type Uploads } from './uploads.ts';

export interface UploadSurroundings extends Pick<State, 'blobs'> {
  readonly metrics: Pick<Metrics, 'uploadRefused'>;
  readonly space: DiskSpace;
}

export function openUploads(config: Config, { blobs, metrics, space }: UploadSurroundings): Uploads {
  const refused = (limit: LimitName): void => metrics.uploadRefused(limit);
  const quota = createUploadQuota({ limits: toUploadLimits(config), blobs, space, refused });
  return createUploads({ blobs, quota, maxStreams: config.limits.maxUploadsAtOnce });
}
