// How requests are parsed and answers written: by the formats of their routes, and strictly.
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { describeIssues, Refusal } from '@blindsum/proto';
import { parseBody } from './json-body.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body, before it was parsed. */
    sentBytes: Buffer | undefined;
  }
}

/** Every route of `app` that is added after this. */
export function useStrictFormats(app: FastifyInstance): void {
  // Bytes: a body is parsed by the format of its route, and what cannot be is refused where the route says.
  app.removeAllContentTypeParsers();
  app.decorateRequest('sentBytes', undefined);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    request.sentBytes = body as Buffer;
    done(null, body);
  });
  app.setValidatorCompiler(toValidator as FastifySchemaCompiler<unknown>);
  app.setSerializerCompiler(serializerCompiler);
}

function toValidator({ schema, httpPart }: { readonly schema: z.ZodType; readonly httpPart?: string }) {
  return (data: unknown): { value: unknown } | { error: Refusal } => {
    try {
      if (httpPart === 'headers') parseText(schema, data);
      // What else a request's headers say is not ours to take away.
      if (httpPart === 'headers') return { value: data };
      return { value: httpPart === 'body' ? parseBody(schema, toBytes(data)) : parseText(schema, data) };
    } catch (error) {
      if (error instanceof Refusal) return { error };
      throw error;
    }
  };
}

/** Of a request without a body there is nothing. */
function toBytes(data: unknown): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.alloc(0);
}

function parseText(format: z.ZodType, data: unknown): unknown {
  const parsed = format.safeParse({ ...(data as object) });
  if (!parsed.success) throw new Refusal('MALFORMED', describeIssues(parsed.error));
  return parsed.data;
}
