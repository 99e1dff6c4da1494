// A site's page about itself, for people at this machine: off unless site.yaml has `localPage`, on loopback only, and nothing can be
// changed by it. Whoever asks has to know its host (a page elsewhere whose name was made to point here does not), and needs a
// pass (page-access.ts): a machine has other users.
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import helmet from '@fastify/helmet';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Refusal } from '@blindsum/proto';
import type { SiteView } from '../view/site-view.ts';
import { PageAccess } from './page-access.ts';
import { readAsset, renderLockedPage, renderPage } from './render-page.ts';

export const LOOPBACK = '127.0.0.1';

export interface LocalServerParts {
  readonly secret: string;
  readonly readView: () => Promise<SiteView>;
  readonly nowMs: () => number;
  /** Told of what went wrong inside; the asker learns nothing of it. */
  readonly failed: (error: unknown) => void;
}

/** Of a route: `bearer` (the default) is for programs that can read the secret, `session` has a pass in its path. */
type LocalAccess = 'bearer' | 'session' | 'ticket';

declare module 'fastify' {
  interface FastifyContextConfig {
    localAccess?: LocalAccess;
  }
}

const REQUEST_MS = 10_000;
const MAX_PARAM = 200;

/** Routes may be added before it listens; they are GET, and for the bearer of the secret unless they say otherwise. */
export async function createLocalServer(parts: LocalServerParts): Promise<FastifyInstance> {
  const access = new PageAccess(parts.secret, parts.nowMs);
  const app = Fastify({
    ...{ logger: false, forceCloseConnections: true, requestTimeout: REQUEST_MS, bodyLimit: 1 },
    routerOptions: { maxParamLength: MAX_PARAM },
  });
  app.removeAllContentTypeParsers();
  await app.register(helmet, HELMET);
  app.addHook('onRequest', async (request, reply) => guard(request, reply, access));
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).type('text/plain').send('not found\n'));
  app.setErrorHandler(async (error, _request, reply) => {
    const { statusCode = 500 } = error as { readonly statusCode?: number };
    if (statusCode >= 500) parts.failed(error);
    return reply
      .code(statusCode)
      .type('text/plain')
      .send('this did not work; the log of the agent says why\n');
  });
  addPage(app, access, parts);
  app.get('/view.json', async () => parts.readView());
  return app;
}

/** Refuses CONFIG_INVALID when the port cannot be had. */
export async function listenLocally(app: FastifyInstance, port: number): Promise<number> {
  try {
    await app.listen({ host: LOOPBACK, port });
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `localPage.port: cannot listen on ${LOOPBACK}:${port}`, { cause });
  }
  return portOf(app);
}

function addPage(app: FastifyInstance, access: PageAccess, { readView }: LocalServerParts): void {
  app.get<Passed>('/open/:pass', { config: { localAccess: 'ticket' } }, async ({ params }, reply) => {
    const session = access.redeem(params.pass, randomBytes(16));
    if (session === undefined) return lock(reply);
    return reply.redirect(`/s/${session}/`, 303);
  });
  const config = { localAccess: 'session' } as const;
  app.get('/s/:pass/', { config }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(renderPage(await readView())),
  );
  app.get('/s/:pass/view.json', { config }, async () => readView());
  for (const [name, type] of Object.entries(ASSETS))
    app.get(`/s/:pass/${name}`, { config }, async (_request, reply) =>
      reply.type(type).send(await readAsset(name)),
    );
}

const ASSETS = {
  'page.css': 'text/css; charset=utf-8',
  'sections.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

interface Passed {
  readonly Params: { readonly pass: string };
}

const FETCHED_FROM: ReadonlySet<string | undefined> = new Set([undefined, 'none', 'same-origin']);

async function guard(request: FastifyRequest, reply: FastifyReply, access: PageAccess): Promise<unknown> {
  const { method, headers, routeOptions, params } = request;
  if (method !== 'GET' && method !== 'HEAD') return refuse(reply, 405, 'nothing can be changed here');
  // Whoever made a name of theirs point to this machine (DNS rebinding) asks under that name.
  const { port } = request.server.server.address() as { readonly port: number };
  const isOwnHost = headers.host === `${LOOPBACK}:${port}` || headers.host === `localhost:${port}`;
  if (!isOwnHost) return refuse(reply, 421, `ask for ${LOOPBACK}`);
  const isFromElsewhere = !FETCHED_FROM.has(headers['sec-fetch-site']);
  if (isFromElsewhere || headers.origin !== undefined)
    return refuse(reply, 403, 'this page is not for other pages');
  if (routeOptions.url === undefined) return undefined;
  switch (routeOptions.config.localAccess ?? 'bearer') {
    case 'ticket':
      return undefined;
    case 'session':
      return access.isSession((params as Passed['Params']).pass) ? undefined : lock(reply);
    case 'bearer':
      return access.isBearer(headers.authorization)
        ? undefined
        : refuse(reply.header('www-authenticate', 'Bearer'), 401, 'needs the secret in local-page.json');
  }
}

function refuse(reply: FastifyReply, status: number, why: string): FastifyReply {
  return reply.code(status).type('text/plain').send(`${why}\n`);
}

function lock(reply: FastifyReply): FastifyReply {
  return reply.code(403).type('text/html; charset=utf-8').send(renderLockedPage());
}

function portOf(app: FastifyInstance): number {
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('listening without a port');
  if (isIP(bound.address) === 0 || bound.address !== LOOPBACK) throw new Error('listening elsewhere');
  return bound.port;
}

const SELF = ["'self'"];
const NONE = ["'none'"];
const HELMET = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      ...{ defaultSrc: NONE, scriptSrc: SELF, styleSrc: SELF, imgSrc: SELF, connectSrc: SELF },
      ...{ baseUri: NONE, formAction: NONE, frameAncestors: NONE, objectSrc: NONE },
    },
  },
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' },
} as const;
