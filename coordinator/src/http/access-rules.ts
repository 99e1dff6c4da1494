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
  // It says what every coordinator of this version can do, and nothing about this one.
  'GET /v1/openapi.json': 'public',
  'GET /docs': 'public',
  'GET /docs/': 'public',
  'GET /docs/json': 'public',
  'GET /docs/yaml': 'public',
  'GET /docs/static/index.html': 'public',
  'GET /docs/static/swagger-initializer.js': 'public',
  'GET /docs/static/*': 'public',
  'GET /docs/errors': 'public',
  'GET /metrics': 'read',
  'GET /v1/federation': 'read',
  'GET /v1/status': 'read',
  'GET /v1/sites': 'read',
  'POST /v1/sites': 'operator',
  'GET /v1/sites/:site': 'read',
  'GET /v1/sites/:site/contributions': 'read',
  'POST /v1/sites/:site/revoke': 'operator',
  'GET /v1/invitations': 'operator',
  'POST /v1/invitations': 'operator',
  'POST /v1/invitations/:invitation/revoke': 'operator',
  'GET /v1/roster': 'read',
  'GET /v1/roster/next': 'read',
  'POST /v1/roster': 'operator',
  'GET /v1/jobs': 'read',
  'POST /v1/jobs': 'operator',
  'POST /v1/jobs/validate': 'operator',
  'GET /v1/jobs/:job': 'read',
  'GET /v1/jobs/:job/rounds': 'read',
  'GET /v1/jobs/:job/rounds/:round': 'read',
  'GET /v1/jobs/:job/curves': 'read',
  'GET /v1/jobs/:job/privacy': 'read',
  'POST /v1/jobs/:job/pause': 'operator',
  'POST /v1/jobs/:job/resume': 'operator',
  'POST /v1/jobs/:job/cancel': 'operator',
  'GET /v1/models': 'read',
  'GET /v1/releases': 'read',
  'GET /v1/releases/:job/:round': 'read',
  'GET /v1/audit-trail': 'auditor',
  'GET /v1/audit-trail/export': 'auditor',
  'GET /v1/keys': 'operator',
  'POST /v1/keys': 'operator',
  'POST /v1/keys/:key/rotate': 'operator',
  'POST /v1/keys/:key/revoke': 'operator',
  'GET /v1/events': 'read',
  'GET /v1/storage': 'read',
  'POST /v1/retention-hold': 'operator',
  'POST /v1/backups': 'operator',
  'POST /v1/log/records/:record/redact': 'operator',
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
