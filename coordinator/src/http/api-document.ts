// The description of the API as a file: of routes that have nothing to work with, and are never called.
import Fastify from 'fastify';
import { describeApi } from '../api/api-document.ts';
import { addApiRoutes, type ApiShell } from '../api/api-routes.ts';
import { useStrictFormats } from '../api/strict-formats.ts';
import { addHealthRoutes, type Health } from './health-routes.ts';
import { addSessionRoutes, type SessionShell } from './session-routes.ts';
import { addSignInOptions, type SignInShell } from './sign-in-routes.ts';

/** OpenAPI 3.1 as JSON text; the same for every coordinator of this version. */
export async function encodeApiDocument(): Promise<string> {
  const app = Fastify();
  useStrictFormats(app);
  await describeApi(app, 'v1');
  addHealthRoutes(app, { metrics: {} } as Health);
  addApiRoutes(app, {} as ApiShell);
  addSessionRoutes(app, {} as SessionShell);
  addSignInOptions(app, {} as SignInShell);
  await app.ready();
  try {
    return `${JSON.stringify(app.swagger(), null, 2)}\n`;
  } finally {
    await app.close();
  }
}
