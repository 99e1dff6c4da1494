// All metrics that a site has, at a site where nothing has happened.
import type { Registry } from 'prom-client';
import { createSiteMetrics } from './site-metrics.ts';

export function siteRegistry(): Registry {
  const disk = { usedBytes: 0, freeBytes: 0 };
  const nothing = {
    certificateEndsMs: 0,
    logEntries: 0,
    logAlarm: false,
    promisesOpen: 0,
    trainingsOpen: 0,
    disk,
  };
  return createSiteMetrics(
    () => nothing,
    () => 0,
  ).registry;
}
