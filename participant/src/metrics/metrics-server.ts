// Metrics over HTTP on this machine alone: without TLS, and without a key.
import fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { Refusal } from '@blindsum/proto';

/** Answers `GET /metrics` as Prometheus asks. */
export function addMetricsRoute(app: FastifyInstance, registry: Registry): void {
  app.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** `address` is host:port on loopback, as the configuration has made sure. Refuses CONFIG_INVALID if it cannot be listened on. */
export async function listenForMetrics(address: string, registry: Registry): Promise<MetricsServer> {
  const app = fastify({ forceCloseConnections: true });
  addMetricsRoute(app, registry);
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  try {
    const url = await app.listen({ host, port: Number(address.slice(at + 1)) });
    return { url, close: () => app.close() };
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `metrics.listen: cannot listen on ${address}`, { cause });
  }
}
