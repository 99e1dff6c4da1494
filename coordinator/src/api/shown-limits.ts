// Limits as documents name them.
import type { Config } from '../config.ts';

/** Infinity is null: JSON has no word for it. */
export function toFinite(limit: number): number | null {
  return Number.isFinite(limit) ? limit : null;
}

export function shownLimits({ maxUploadBytesPerSite, maxUploadBytesPerRound, ...limits }: Config['limits']) {
  return {
    ...limits,
    maxUploadBytesPerSite: toFinite(maxUploadBytesPerSite),
    maxUploadBytesPerRound: toFinite(maxUploadBytesPerRound),
  };
}
