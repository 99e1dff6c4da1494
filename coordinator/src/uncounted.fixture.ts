// For services that are tested without their metrics.
import type { Metrics } from './metrics.ts';

export const UNCOUNTED: Pick<Metrics, 'uploaded' | 'resumed' | 'queued' | 'done'> = {
  uploaded: () => {},
  resumed: () => {},
  queued: () => {},
  done: () => {},
};
