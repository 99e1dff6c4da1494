// Strong entity tags (RFC 9110 section 8.8.3): the hash of exactly what is answered. Whoever has it already gets 304, and no body.
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** For each route of the API that is added after this and only reads. */
export function addEntityTags(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const isTagged = isRead && request.routeOptions.schema?.operationId !== undefined;
    if (!isTagged || reply.statusCode !== 200) return payload;
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
    const tag = toEntityTag(payload);
    reply.header('etag', tag);
    if (!isKnown(tag, request.headers['if-none-match'])) return payload;
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}

export function toEntityTag(payload: string | Buffer): string {
  return `"${createHash('sha256').update(payload).digest('base64url')}"`;
}

/** RFC 9110 section 13.1.2: the comparison is the weak one, so that a tag that a proxy has weakened counts too. */
function isKnown(tag: string, given: string | undefined): boolean {
  if (given === undefined) return false;
  if (given.trim() === '*') return true;
  return given.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}
