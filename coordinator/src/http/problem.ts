// Errors as application/problem+json (RFC 9457) with the refusal code, and with what to do.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Refusal } from '@blindsum/proto';
import { API_HINTS } from '@blindsum/proto/command-line';
import { publicStatus, type PublicStatus } from '../refusal-status.ts';

/** For Fastify's own option: what its router turns away before there is a route. */
export function answerFrameworkError(error: Error, _request: unknown, reply: FastifyReply): void {
  void sendProblem(reply, publicStatus(new Refusal('MALFORMED', `the path: ${error.message.slice(0, 200)}`)));
}

/** Every error of the routes of `app`, unknown paths included, becomes a problem document. */
export function answerWithProblems(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      publicStatus(new Refusal('NOT_FOUND', `nothing at ${request.method} ${toPath(request)}`)),
    ),
  );
  app.setErrorHandler((error, request, reply) => {
    const status = toPublicStatus(error);
    // RFC 9110 section 11.6.1: whoever is turned away learns which scheme is asked for.
    if (status.http === 401) reply.header('www-authenticate', 'Bearer realm="blindsum"');
    if (status.code === 'INTERNAL') log.error({ event: 'http.failed', path: toPath(request), err: error });
    return sendProblem(reply, status);
  });
}

/** Fastify's own errors (a body that is no JSON, a body too large) are the caller's. */
function toPublicStatus(error: unknown): PublicStatus {
  if (error instanceof Refusal) return publicStatus(error);
  const { statusCode } = error as { statusCode?: unknown };
  if (statusCode === 429)
    return publicStatus(new Refusal('QUOTA_EXCEEDED', 'too many requests: wait a minute'));
  const isCallers = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return publicStatus(isCallers ? new Refusal('MALFORMED', (error as Error).message) : error);
}

function sendProblem(reply: FastifyReply, { http, code, detail }: PublicStatus): FastifyReply {
  const document = { type: `/docs/errors#${code}`, title: toTitle(code), status: http, code, detail };
  return reply
    .code(http)
    .type('application/problem+json')
    .send(JSON.stringify({ ...document, hint: API_HINTS[code] }));
}

/** `NOT_FOUND` as people write it. */
function toTitle(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Without the query, and bounded: it is echoed. */
function toPath({ url }: FastifyRequest): string {
  return url.split('?', 1)[0]!.slice(0, 200);
}
