// Routes that change something: each is an administrative action, and no other kind can be added.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Refusal, refuseUnless } from '@blindsum/proto';
import { parseJson } from '../api/json-body.ts';
import { NOTHING } from '../api/read.ts';
import type { DeepReadonly } from '../api/readonly.ts';
import { toSchema, type Described } from '../api/route-schema.ts';
import type { Caller } from '../audit-trail.ts';
import type { Action, Administration } from './administration.ts';

/** What the routes of one server do their work with. */
export interface ActionShell {
  readonly administration: Pick<Administration, 'perform'>;
  readonly callerOf: (request: FastifyRequest) => Caller;
}

/** What was sent, before anything of it was checked. */
export interface UncheckedRequest {
  readonly params: Readonly<Record<string, string>>;
  /** Bytes, or what they were parsed to. */
  readonly body: unknown;
}

export interface ActionRequest<Params, Body> {
  readonly params: Params;
  readonly body: Body;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface ActionRoute<
  P extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
> extends Described {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly action: Action;
  readonly params?: P;
  /** Without one, a body is empty, or an empty document. */
  readonly body?: B;
  readonly maxBodyBytes?: number;
  readonly answer: A;
  /** 200 unless given. */
  readonly status?: 201;
  /** What it is about. */
  readonly subject?: (request: UncheckedRequest) => string;
  readonly detail?: (request: UncheckedRequest) => string;
  readonly act: (request: ActionRequest<z.output<P>, z.output<B>>) => Promise<DeepReadonly<z.output<A>>>;
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

/** Adds a route that does its work between two entries of the trail, of which the second says what was wrong with a request. */
export function addAction<
  A extends z.ZodType,
  P extends z.ZodType = typeof NOTHING,
  B extends z.ZodType = typeof NOTHING,
>(app: FastifyInstance, shell: ActionShell, route: ActionRoute<P, B, A>): void {
  const { method, path, action, params = NOTHING, body, answer, status = 200, act } = route;
  app.route({
    method,
    url: path,
    config: { action },
    attachValidation: true,
    ...(route.maxBodyBytes !== undefined && { bodyLimit: route.maxBodyBytes }),
    schema: toSchema(route, { params, query: NOTHING, body, answers: { [status]: answer } }),
    handler(request, reply) {
      const unchecked = { params: request.params, body: request.body } as UncheckedRequest;
      const { subject, detail } = route;
      const asked = { action, subject: subject?.(unchecked) ?? '', detail: detail?.(unchecked) ?? '' };
      return shell.administration.perform(shell.callerOf(request), asked, () => {
        verifyRequest(request, body !== undefined);
        reply.code(status);
        // As validated: Fastify's own types cannot tie a request to its route here.
        const [given, sent] = [request.params as z.output<P>, request.body as z.output<B>];
        return act({ params: given, body: sent, request, reply });
      });
    },
  });
}

function verifyRequest({ validationError, body }: FastifyRequest, hasFormat: boolean): void {
  if (validationError) throw validationError;
  if (hasFormat || body === undefined) return;
  refuseUnless(isEmptyDocument(body), 'MALFORMED', 'the request: expected no body, or {}');
}

function isEmptyDocument(body: unknown): boolean {
  if (!Buffer.isBuffer(body)) return false;
  try {
    return body.length === 0 || NOTHING.safeParse(parseJson(body)).success;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
