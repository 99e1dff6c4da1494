// Who asks, and whether they may: looked at before anything else of a request is.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal, refuseUnless, type Scope, type TrailActor } from '@blindsum/proto';
import type { ApiKeys } from '../access/api-keys.ts';
import type { Session } from '../access/session-store.ts';
import type { Sessions } from '../access/sessions.ts';
import type { Administration } from '../administration/administration.ts';
import type { Caller } from '../audit-trail.ts';
import type { Clock } from '../ports.ts';
import { accessOf, ACCESS_RULES, isAllowed, type Access } from './access-rules.ts';
import { readSessionCookie } from './session-cookie.ts';
import { RefusalBudget } from './refusal-budget.ts';

export interface Guard {
  readonly keys: Pick<ApiKeys, 'authenticate'>;
  readonly sessions: Pick<Sessions, 'open'>;
  readonly administration: Pick<Administration, 'refused'>;
  readonly clock: Clock;
  /** Scheme, host and port as browsers see them; undefined: whatever the request was sent to. */
  readonly origin: string | undefined;
}

/** Who a request is from, once it was let through. */
export interface Identity {
  readonly caller: Caller & { readonly actor: Session['actor'] };
  /** Undefined for an API key. */
  readonly session: Session | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every route that is not public. */
    identity: Identity | undefined;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD']);
const FAILURES_PER_MINUTE = 20;
const MINUTE_MS = 60_000;
const STRANGER: TrailActor = { kind: 'stranger' };

/** Guards every route that is added after this. Needs @fastify/cookie and @fastify/rate-limit. Throws an Error for a route without a rule. */
export function guardRoutes(app: FastifyInstance, guard: Guard): void {
  const found = new Set<string>();
  app.decorateRequest('identity', undefined);
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      const access = accessOf(method, route.url);
      if (access === undefined) throw new Error(`no access rule for ${method} ${route.url}`);
      // Of a path with and without a slash at its end, Fastify shows one by its HEAD alone.
      found.add(`${method === 'HEAD' ? 'GET' : method} ${route.url}`);
      route.config = { ...route.config, access };
    }
  });
  app.addHook('onReady', async () => {
    const unused = Object.keys(ACCESS_RULES).filter((name) => !found.has(name));
    if (unused.length > 0) throw new Error(`access rules without a route: ${unused.join(', ')}`);
  });
  const toRefusal = createRefusals(app, guard);
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access === 'public' || request.is404) return;
    // A route that got past the hook above would be open to everybody.
    if (access === undefined)
      throw new Error(`a route without an access rule: ${request.method} ${request.url}`);
    try {
      request.identity = await identify(guard, request);
      verifyMayCall(guard, request, request.identity, access);
    } catch (error) {
      throw error instanceof Refusal && hasCredential(request) ? await toRefusal(request, error) : error;
    }
  });
}

/** Writes refusals down, and slows down those who cause many. */
function createRefusals(app: FastifyInstance, { clock, administration }: Guard) {
  const failures = app.createRateLimit({ max: FAILURES_PER_MINUTE, timeWindow: MINUTE_MS });
  const budget = new RefusalBudget(clock);
  return async (request: FastifyRequest, refusal: Refusal): Promise<Refusal> => {
    const skipped = budget.take();
    if (skipped !== undefined) {
      const actor = request.identity?.caller.actor ?? STRANGER;
      const subject = `${request.method} ${request.routeOptions.url ?? ''}`;
      const detail = skipped === 0 ? '' : `${skipped} more were refused before, and not written down`;
      const caller = { actor, from: request.ip };
      await administration.refused(caller, { action: 'access.refused', subject, detail }, refusal);
    }
    // The right credential is never held up: somebody behind the same address could lock its owner out.
    const limit = await failures(request);
    if (limit.isAllowed || !limit.isExceeded) return refusal;
    return new Refusal('QUOTA_EXCEEDED', 'too many refused requests from this address: wait a minute', {
      cause: refusal,
    });
  };
}

async function identify({ keys, sessions }: Guard, request: FastifyRequest): Promise<Identity> {
  const from = request.ip;
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [, credential = ''] = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(authorization) ?? [];
    const { key, name, scope } = await keys.authenticate(credential);
    return { caller: { actor: { kind: 'key', key, name, scope }, from }, session: undefined };
  }
  const secret = readSessionCookie(request);
  if (secret === undefined) throw new Refusal('UNAUTHENTICATED', 'this needs an API key, or a sign-in');
  const session = await sessions.open(secret);
  return { caller: { actor: session.actor, from }, session };
}

function verifyMayCall(guard: Guard, request: FastifyRequest, identity: Identity, needed: Scope): void {
  const { scope } = identity.caller.actor;
  refuseUnless(
    isAllowed(scope, needed),
    'NOT_ALLOWED',
    `this needs the scope ${needed}, and yours is ${scope}`,
  );
  // A browser sends the cookie along with what other pages make it send, but no key.
  if (identity.session !== undefined && !SAFE_METHODS.has(request.method)) verifySameOrigin(guard, request);
}

/** Browsers say where a request comes from, and let no page say so in their place. */
function verifySameOrigin({ origin }: Guard, { headers, protocol, host }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  const isSame =
    site === undefined ? headers.origin === (origin ?? `${protocol}://${host}`) : site === 'same-origin';
  refuseUnless(isSame, 'NOT_ALLOWED', 'a signed-in browser may change things from our own pages alone');
}

function hasCredential(request: FastifyRequest): boolean {
  return request.headers.authorization !== undefined || readSessionCookie(request) !== undefined;
}
