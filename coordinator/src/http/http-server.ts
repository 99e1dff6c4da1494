// The HTTP server for operators and auditors. The log is everybody's; the rest is for those whom the guard lets through.
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance } from 'fastify';
import { Refusal } from '@blindsum/proto';
import { forbidUnrecorded } from '../administration/actions.ts';
import { describeApi } from '../api/api-document.ts';
import { addApiRoutes, type ApiShell } from '../api/api-routes.ts';
import { addEntityTags } from '../api/entity-tags.ts';
import { useStrictFormats } from '../api/strict-formats.ts';
import type { HttpConfig } from '../config-http.ts';
import type { KeyAndCertificate } from '../identity/authority.ts';
import { serveApiDocumentation } from './api-documentation.ts';
import { serveConsole } from './console.ts';
import { guardRoutes, type Guard } from './guard.ts';
import { addHealthRoutes, type Health } from './health-routes.ts';
import { serveLogFiles } from './log-files.ts';
import { serveReleasedModels } from './released-models.ts';
import type { ReleasedModels } from '../release/released-models.ts';
import { answerFrameworkError, answerWithProblems } from './problem.ts';
import { addSessionRoutes, identityOf, type SessionShell } from './session-routes.ts';
import { addSignIn, type SignInShell } from './sign-in-routes.ts';
import { serveVerificationPage } from './verification-page.ts';
import type { OpenLogDocument } from '../witnessing/log-documents.ts';

export type HttpShell = Omit<Guard & ApiShell & SessionShell & SignInShell, 'callerOf' | 'federation'> & {
  readonly health: Health;
  /** Folder of the transparency log. */
  readonly logFolder: string;
  readonly openLogDocument: OpenLogDocument;
  readonly models: ReleasedModels;
  readonly http: Pick<HttpConfig, 'trustProxy' | 'requestsPerMinute'>;
  /** Undefined: without TLS. */
  readonly identity: KeyAndCertificate | undefined;
};

const MAX_BODY_BYTES = 64 * 1024;
const MINUTE_MS = 60_000;
const REQUEST_MS = 30_000;

export async function createHttpServer(given: HttpShell): Promise<FastifyInstance> {
  const shell = {
    ...given,
    callerOf: (request: Parameters<typeof identityOf>[0]) => identityOf(request).caller,
  };
  const app = createApp(given);
  answerWithProblems(app, shell.log);
  await app.register(helmet, toHelmetOptions(given.identity !== undefined));
  await app.register(cookie);
  await app.register(rateLimit, { global: true, max: given.http.requestsPerMinute, timeWindow: MINUTE_MS });
  useStrictFormats(app);
  addEntityTags(app);
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  guardRoutes(app, shell);
  forbidUnrecorded(app);
  await describeApi(app, 'v1');
  addHealthRoutes(app, shell.health);
  serveConsole(app);
  serveVerificationPage(app);
  serveLogFiles(app, shell.logFolder, shell.openLogDocument);
  serveReleasedModels(app, shell.models);
  addApiRoutes(app, shell);
  addSessionRoutes(app, shell);
  addSignIn(app, { ...shell, federation: shell.status.federation });
  await serveApiDocumentation(app);
  return app;
}

function createApp({ identity, http }: HttpShell): FastifyInstance {
  const options = {
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    frameworkErrors: answerFrameworkError,
    requestTimeout: REQUEST_MS,
    trustProxy: http.trustProxy.length > 0 ? [...http.trustProxy] : false,
  } as const;
  if (!identity) return Fastify(options);
  // What is served is the same: the type of the server under it is not told apart further on.
  return Fastify({ ...options, https: toTlsOptions(identity) });
}

/** As for `https.createServer` and `setSecureContext`. */
export function toTlsOptions({ certificate, privateKey }: KeyAndCertificate) {
  return { cert: certificate, key: privateKey, minVersion: 'TLSv1.3' as const };
}

/** Pages are our own, whole and framed by nobody. */
function toHelmetOptions(isEncrypted: boolean) {
  const self = ["'self'"];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        ...{
          defaultSrc: self,
          scriptSrc: self,
          styleSrc: self,
          imgSrc: self,
          connectSrc: self,
          formAction: self,
        },
        ...{ objectSrc: ["'none'"], baseUri: ["'none'"], frameAncestors: ["'none'"] },
      },
    },
    strictTransportSecurity: isEncrypted,
    // The log may be read from any page.
    crossOriginResourcePolicy: false,
    referrerPolicy: { policy: 'no-referrer' as const },
  };
}

/** Listens on `address` (host:port) and returns the port; refuses CONFIG_INVALID if that cannot be bound. */
export async function listenHttp(app: FastifyInstance, address: string): Promise<number> {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  try {
    await app.listen({ host, port: Number(address.slice(at + 1)) });
  } catch (cause) {
    throw new Refusal('CONFIG_INVALID', `listen.http: cannot listen on ${address}`, { cause });
  }
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('listening without a port');
  return bound.port;
}
