// Routes that change something: each is an administrative action, and no other kind can be added.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteGenericInterface } from 'fastify';
import type { Caller } from '../audit-trail.ts';
import type { Action, Administration } from './administration.ts';

/** What the routes of one server do their work with. */
export interface ActionShell {
  readonly administration: Pick<Administration, 'perform'>;
  readonly callerOf: (request: FastifyRequest) => Caller;
}

export interface ActionRoute<R extends RouteGenericInterface> {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly action: Action;
  /** What it is about, before anything of the request was checked. */
  readonly subject: (request: FastifyRequest<R>) => string;
  readonly detail?: (request: FastifyRequest<R>) => string;
  readonly act: (request: FastifyRequest<R>, reply: FastifyReply) => Promise<unknown>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    action?: Action;
  }
}

/** From here on, a route of `app` that is neither GET nor an action throws an Error. */
export function forbidUnrecorded(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    const isRead = [method].flat().every((one) => one === 'GET' || one === 'HEAD');
    if (!isRead && config?.action === undefined) throw new Error(`${url} changes something unrecorded`);
  });
}

/** Adds a route that does its work between two entries of the trail. */
export function addAction<R extends RouteGenericInterface>(
  app: FastifyInstance,
  { administration, callerOf }: ActionShell,
  { method, path, action, subject, detail, act }: ActionRoute<R>,
): void {
  app.route({
    method,
    url: path,
    config: { action },
    handler(given, reply) {
      // Fastify's own types cannot tie a request to its route here.
      const request = given as unknown as FastifyRequest<R>;
      const asked = { action, subject: subject(request), detail: detail?.(request) ?? '' };
      return administration.perform(callerOf(given), asked, () => act(request, reply));
    },
  });
}
