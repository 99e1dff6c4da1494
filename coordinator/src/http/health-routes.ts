// For supervisors and Prometheus.
import type { FastifyInstance } from 'fastify';
import { Refusal } from '@blindsum/proto';
import { healthDocument } from '../api/documents/upkeep.ts';
import { addRead } from '../api/read.ts';
import type { Metrics } from '../metrics.ts';

export interface Health {
  /** True once every open round was recovered and sites can connect; false again while stopping. */
  readonly isReady: () => boolean;
  /** Why the log signs nothing any more; undefined as long as it does. */
  readonly stopped: () => Refusal | undefined;
  readonly metrics: Pick<Metrics, 'registry'>;
}

export function addHealthRoutes(app: FastifyInstance, { isReady, stopped, metrics }: Health): void {
  // Alive means that the event loop answers.
  const shared = { topic: 'upkeep', answer: healthDocument } as const;
  addRead(app, {
    ...{ ...shared, name: 'getHealth', path: '/healthz', summary: 'Whether the coordinator is alive' },
    read: () => ({ status: 'ok' }),
  });
  addRead(app, {
    ...{ ...shared, name: 'getReadiness', path: '/readyz', summary: 'Whether sites can connect' },
    read() {
      if (!isReady()) throw new Refusal('UNAVAILABLE', 'starting or stopping');
      const reason = stopped();
      if (reason) throw reason;
      return { status: 'ready' };
    },
  });
  app.get('/metrics', async (_request, reply) => {
    reply.type(metrics.registry.contentType);
    return metrics.registry.metrics();
  });
}
