// What a job's rounds take, compared with what the operator allows: a job that can never be uploaded is turned away at once.
import {
  checkpointBytes,
  CHUNK_BYTES,
  globalModelBytes,
  payloadLayout,
  refuseUnless,
  SEALED_SHARE_BYTES,
  type Manifest,
} from '@blindsum/proto';
import { keptAttempts, type RetentionRules } from '../retention/removable-blobs.ts';
import type { Config } from '../config.ts';
import { toUploadLimits, type UploadLimits } from './upload-quota.ts';

/** What an operator's configuration leaves to uploads. */
export interface UploadRoom {
  readonly limits: Pick<UploadLimits, 'perSite' | 'perRound'>;
  readonly retention: Pick<RetentionRules, 'failedAttempts'>;
}

export function toUploadRoom(config: Pick<Config, 'limits' | 'retention'>): UploadRoom {
  return { limits: toUploadLimits(config), retention: config.retention };
}

/** Bytes of one attempt of a job's largest round. */
export interface UploadDemand {
  /** Ciphertext, shares, opening, sealed checkpoint and released model of one site. */
  readonly perSite: number;
  readonly perRound: number;
}

/** Under a roster of `sites`. */
export function toUploadDemand(manifest: Manifest, sites: number): UploadDemand {
  const kinds = ['statistics', 'training', 'evaluation'] as const;
  const chunks = Math.max(...kinds.map((kind) => payloadLayout(manifest, kind).chunks));
  const checkpoint = checkpointBytes({ members: sites, modelBytes: globalModelBytes(manifest) });
  const perSite =
    chunks * CHUNK_BYTES + 2 * sites * SEALED_SHARE_BYTES + checkpoint + globalModelBytes(manifest);
  return { perSite, perRound: perSite * sites };
}

/** Refuses QUOTA_EXCEEDED for a job whose rounds would have no room under a roster of `sites`, with the attempts that are kept at a time. */
export function verifyRoom(manifest: Manifest, sites: number, { limits, retention }: UploadRoom): void {
  verifyFits(toUploadDemand(manifest, sites), limits, keptAttempts(manifest, retention));
}

/** Refuses QUOTA_EXCEEDED for a job of which a round cannot be uploaded within the limits, with `attempts` of it kept at a time. */
export function verifyFits(
  { perSite, perRound }: UploadDemand,
  limits: Pick<UploadLimits, 'perSite' | 'perRound'>,
  attempts: number,
): void {
  const each = attempts === 1 ? 'a round' : `the ${attempts} attempts of a round that are kept at a time`;
  refuseUnless(
    perSite * attempts <= limits.perSite,
    'QUOTA_EXCEEDED',
    `a site would upload ${perSite * attempts} bytes for ${each}, of ${limits.perSite} allowed (limits.maxUploadBytesPerSite)`,
  );
  refuseUnless(
    perRound * attempts <= limits.perRound,
    'QUOTA_EXCEEDED',
    `the sites would upload ${perRound * attempts} bytes for ${each}, of ${limits.perRound} allowed (limits.maxUploadBytesPerRound)`,
  );
}
