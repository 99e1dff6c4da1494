// Routes that change nothing: what they take and what they answer is what their formats say, and so is what is written about them.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { DeepReadonly } from './readonly.ts';
import { toSchema, type Described } from './route-schema.ts';

/** Nothing: a route without a query refuses every parameter. */
export const NOTHING = z.strictObject({});
type Nothing = typeof NOTHING;

export interface ReadRequest<Params, Query> {
  readonly params: Params;
  readonly query: Query;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface ReadRoute<P extends z.ZodType, Q extends z.ZodType, A extends z.ZodType> extends Described {
  readonly path: string;
  readonly params?: P;
  readonly query?: Q;
  readonly answer: A;
  readonly read: (
    request: ReadRequest<z.output<P>, z.output<Q>>,
  ) => Promise<DeepReadonly<z.output<A>>> | DeepReadonly<z.output<A>>;
}

export function addRead<A extends z.ZodType, P extends z.ZodType = Nothing, Q extends z.ZodType = Nothing>(
  app: FastifyInstance,
  route: ReadRoute<P, Q, A>,
): void {
  const { path, params = NOTHING, query = NOTHING, answer, read } = route;
  app.get(path, {
    schema: toSchema(route, { params, query, answers: { 200: answer } }),
    handler: (request, reply) =>
      // As validated: Fastify's own types cannot tie a request to its route here.
      read({ params: request.params as z.output<P>, query: request.query as z.output<Q>, request, reply }),
  });
}
