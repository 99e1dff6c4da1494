// Troubles that pass by themselves.
import type { RefusalCode } from '@blindsum/proto';

/** The coordinator is away, busy or short of room: the same again later. */
export const PASSING: ReadonlySet<RefusalCode> = new Set([
  'UNAVAILABLE',
  'BUSY',
  'QUOTA_EXCEEDED',
  'LOG_STOPPED',
]);
