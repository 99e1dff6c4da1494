// The HTTP server for operators and auditors: read-only, and on loopback unless configured otherwise.
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Refusal } from '@blindsum/proto';
import type { StatusSource } from '../status.ts';
import { addHealthRoutes, type Health } from './health-routes.ts';
import { serveLogFiles } from './log-files.ts';
import { answerWithProblems } from './problem.ts';
import { addStatusRoutes } from './status-routes.ts';

export interface HttpShell {
  readonly log: Logger;
  readonly health: Health;
  readonly status: StatusSource;
  /** Folder of the transparency log. */
  readonly logFolder: string;
}

export function createHttpServer({ log, health, status, logFolder }: HttpShell): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: 1024, forceCloseConnections: true });
  answerWithProblems(app, log);
  addHealthRoutes(app, health);
  addStatusRoutes(app, status);
  serveLogFiles(app, logFolder);
  return app;
}

/** Listens on `address` (host:port) and returns the port; refuses CONFIG_INVALID if that cannot be bound. */
export async function listenHttp(app: FastifyInstance, address: string): Promise<number> {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  try {
    await app.listen({ host, port: Number(address.slice(at + 1)) });
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `listen.http: cannot listen on ${address}`, { cause });
  }
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('listening without a port');
  return bound.port;
}
