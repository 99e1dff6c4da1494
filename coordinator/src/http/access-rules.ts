// Who may call what over HTTP: one rule for each route. A route without a rule does not start, nor does a rule without a route.
import { SCOPES, type Scope } from '@blindsum/proto';

/** `public` needs no credential. The scopes are in SCOPES, from the most to the least. */
export type Access = 'public' | Scope;

export const ACCESS_RULES = {
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  // The console's files: the same for everybody.
  'GET /': 'public',
  'GET /assets/:file': 'public',
  // Auditors need nobody's permission.
  'GET /log/*': 'public',
  'GET /log/verify': 'public',
  // Members voted for that.
  'GET /models': 'public',
  'GET /models/:job/:round/:file': 'public',
  'GET /metrics': 'read',
  'GET /v1/status': 'read',
  'GET /v1/sites': 'read',
  'GET /v1/jobs': 'read',
  'GET /v1/jobs/:job': 'read',
  'GET /v1/jobs/:job/rounds': 'read',
  'GET /v1/jobs/:job/rounds/:round': 'read',
  'POST /v1/jobs/:job/pause': 'operator',
  'POST /v1/jobs/:job/resume': 'operator',
  'POST /v1/jobs/:job/cancel': 'operator',
  'GET /v1/audit-trail': 'auditor',
  'GET /v1/keys': 'operator',
  'GET /v1/session': 'read',
  'POST /v1/session': 'read',
  'DELETE /v1/session': 'read',
  'GET /v1/sign-in': 'public',
  'GET /v1/sign-in/options': 'public',
  'GET /v1/sign-in/callback': 'public',
} as const satisfies Record<string, Access>;

export type RouteName = keyof typeof ACCESS_RULES;

/** The rule of a route as Fastify spells it; undefined for none. HEAD is GET without a body. */
export function accessOf(method: string, url: string): Access | undefined {
  const name = `${method === 'HEAD' ? 'GET' : method} ${url}`;
  return Object.hasOwn(ACCESS_RULES, name) ? ACCESS_RULES[name as RouteName] : undefined;
}

/** True if whoever holds `scope` may do what needs `needed`. */
export function isAllowed(scope: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(scope) <= SCOPES.indexOf(needed);
}
