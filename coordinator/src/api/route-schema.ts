// What is said of a route where it is added: enough to check requests and answers by, and to write its documentation from.
import type { FastifySchema } from 'fastify';
import type { z } from 'zod';
import { problemDocument } from './documents/problem.ts';

export interface Described {
  /** The name of its function in clients: listSites. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** The heading under which it is documented. */
  readonly topic: Topic;
}

export const TOPICS = {
  federation: 'The federation, its coordinator and its log',
  sites: 'Sites, their invitations and rosters',
  jobs: 'Jobs and their rounds',
  models: 'Models that members made public',
  events: 'What happens, as it happens',
  administration: 'API keys, sessions and the audit trail',
  upkeep: 'Storage, backups, health',
} as const;
export type Topic = keyof typeof TOPICS;

declare module 'fastify' {
  interface FastifySchema {
    operationId?: string;
    summary?: string;
    tags?: readonly string[];
  }
}

export interface Formats {
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly headers?: z.ZodType | undefined;
  readonly body?: z.ZodType | undefined;
  /** By status. */
  readonly answers: Readonly<Record<number, unknown>>;
}

const PROBLEM = {
  description: 'why nothing was done, and what to do',
  content: { 'application/problem+json': { schema: problemDocument } },
};

export function toSchema({ name, summary, topic }: Described, formats: Formats): FastifySchema {
  const { params, query, headers, body, answers } = formats;
  return {
    operationId: name,
    summary,
    tags: [topic],
    params,
    querystring: query,
    ...(headers && { headers }),
    ...(body && { body }),
    response: { ...answers, default: PROBLEM },
  };
}
