// Routes that change something: each is an administrative action, and no other kind can be added.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Refusal, refuseUnless } from '@blindsum/proto';
import { parseJson } from '../api/json-body.ts';
import { NOTHING } from '../api/read.ts';
import type { DeepReadonly } from '../api/readonly.ts';
import { toSchema, type Described } from '../api/route-schema.ts';
import { IDEMPOTENCY_KEY, writeHeaders } from '../api/documents/values.ts';
import type { IdempotentWrites } from '../api/idempotent-writes.ts';
import type { Caller } from '../audit-trail.ts';
import type { Action, Administration } from './administration.ts';

/** What the routes of one server do their work with. */
export interface ActionShell {
  readonly administration: Pick<Administration, 'perform'>;
  readonly writes: Pick<IdempotentWrites, 'once'>;
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
  /** The answer is kept nowhere. */
  readonly answersSecret?: boolean;
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
  const { method, path, action, params = NOTHING, body, answer, status = 200 } = route;
  const answers = { [status]: answer };
  app.route({
    method,
    url: path,
    config: { action },
    attachValidation: true,
    ...(route.maxBodyBytes !== undefined && { bodyLimit: route.maxBodyBytes }),
    schema: toSchema(route, { params, query: NOTHING, headers: writeHeaders, body, answers }),
    handler(request, reply) {
      reply.code(status);
      return performOnce(shell, { request, reply, isSecret: route.answersSecret === true }, () =>
        perform(shell, route, { request, reply }),
      );
    },
  });
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function perform<P extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  { administration, callerOf }: ActionShell,
  { action, subject, detail, act, body: format }: ActionRoute<P, B, A>,
  { request, reply }: Exchange,
): Promise<unknown> {
  const unchecked = { params: request.params, body: request.body } as UncheckedRequest;
  const asked = { action, subject: subject?.(unchecked) ?? '', detail: detail?.(unchecked) ?? '' };
  return administration.perform(callerOf(request), asked, () => {
    verifyRequest(request, format !== undefined);
    // As validated: Fastify's own types cannot tie a request to its route here.
    const [params, body] = [request.params as z.output<P>, request.body as z.output<B>];
    return act({ params, body, request, reply });
  });
}

/** A request that is not even well-formed, and one without a key, is not looked for among those before. */
async function performOnce(
  { writes, callerOf }: ActionShell,
  { request, reply, isSecret }: Exchange & { readonly isSecret: boolean },
  act: () => Promise<unknown>,
): Promise<unknown> {
  const { method, url, validationError } = request;
  const key = request.headers[IDEMPOTENCY_KEY]?.toString();
  if (key === undefined || validationError) return act();
  const { actor } = callerOf(request);
  let fresh: unknown;
  const asked = { actor, key, method, url, body: request.sentBytes ?? new Uint8Array() };
  const { answer, isRepeated } = await writes.once(asked, async () => {
    fresh = await act();
    const location = reply.getHeader('location')?.toString();
    return { status: reply.statusCode, location, text: isSecret ? undefined : JSON.stringify(fresh) };
  });
  if (!isRepeated) return fresh;
  if (answer.location !== undefined) reply.header('location', answer.location);
  reply.code(answer.status).header('idempotency-replayed', 'true');
  return JSON.parse(answer.text ?? 'null');
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
