// The API's own description, OpenAPI 3.1: made from the routes, so that it says what they do.
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { accessOf } from '../http/access-rules.ts';
import { TOPICS } from './route-schema.ts';
import { withUsedFormats } from './used-formats.ts';
// Formats that no route answers with, and clients parse by.
import './documents/event.ts';

const INTRODUCTION = `The admin API of a Blindsum coordinator: over HTTPS with an API key or a session, and over the admin socket for whoever may open it.

Lists come in pages: pass \`next\` as \`cursor\`. Answers carry a strong ETag. A write with an \`Idempotency-Key\` is done once: the same again within a day gets the same answer. Every error is a problem document with a code, and with what to do.`;

const toRoute = createJsonSchemaTransform({});
const toWhole = createJsonSchemaTransformObject({});

/** Before the routes are added: \`app.swagger()\` describes those that are added after this. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Blindsum admin API', version, description: INTRODUCTION },
      tags: Object.entries(TOPICS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'an API key' },
          session: { type: 'apiKey', in: 'cookie', name: '__Host-blindsum' },
        },
      },
    },
    transform(route) {
      const { schema, url } = toRoute(route);
      const { schema: given } = route;
      // Without a name it is no part of the API: the log and the models are files.
      if (!given?.operationId) return { schema: { ...schema, hide: true }, url };
      const access = accessOf(String([route.route.method].flat()[0]), url);
      return { schema: { ...schema, ...toSecurity(access) }, url };
    },
    transformObject: (document) => withUsedFormats(toWhole(document)),
  });
}

function toSecurity(access: ReturnType<typeof accessOf>) {
  if (access === undefined || access === 'public') return { security: [] };
  return { security: [{ key: [] }, { session: [] }], description: `Needs the scope \`${access}\`.` };
}
