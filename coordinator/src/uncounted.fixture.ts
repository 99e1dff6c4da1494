// For services that are tested without their metrics and what they count of rounds.
import type { Metrics } from './metrics.ts';
import type { RoundTraffic } from './traffic/round-traffic.ts';

export const UNCOUNTED: Pick<Metrics, 'uploaded' | 'resumed' | 'queued' | 'done'> = {
  uploaded: () => {},
  resumed: () => {},
  queued: () => {},
  done: () => {},
};

export const UNCOUNTED_TRAFFIC: Pick<RoundTraffic, 'received' | 'sent'> = {
  received: () => {},
  sent: () => {},
};
