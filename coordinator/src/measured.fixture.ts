// All metrics that a coordinator has, over a federation in which nothing has happened.
import type { Registry } from 'prom-client';
import { createMetrics } from './metrics.ts';
import type { Snapshot } from './snapshot-gauges.ts';
import { measureLog } from './witnessing/witnessing-status.ts';

export const NOTHING: Snapshot = {
  contributors: { expected: 0, in: 0 },
  rounds: { collecting: 0 },
  jobs: { queued: 0 },
  sites: { admitted: 0, online: 0 },
  disk: { state: 'ok', freeBytes: 0 },
  blobBytes: 0,
  certificates: { coordinatorEndsMs: 0, sites: [] },
};

export function coordinatorRegistry(): Registry {
  const { registry } = createMetrics(async () => NOTHING);
  measureLog(registry, {
    drivers: [],
    log: { latest: () => ({ size: 0, root: new Uint8Array(32) }), stopped: undefined },
    checkpoints: { withQuorum: async () => undefined },
  });
  return registry;
}
