// The operators' side of a coordinator: who may administer it, what is written down of that, and how they reach it over HTTP.
import type { Server } from 'node:https';
import { ApiKeys } from './access/api-keys.ts';
import { OpenIdSignIn } from './access/open-id-sign-in.ts';
import { Sessions } from './access/sessions.ts';
import { IdempotentWrites } from './api/idempotent-writes.ts';
import type { ApiShell } from './api/api-routes.ts';
import { Administration } from './administration/administration.ts';
import { TrailPublication } from './administration/trail-publication.ts';
import { COORDINATOR, type AuditTrail } from './audit-trail.ts';
import { hostOf } from './config-http.ts';
import type { Config } from './config.ts';
import { openHttpIdentity, type HttpIdentity } from './http/http-identity.ts';
import { createHttpServer, listenHttp, toTlsOptions, type HttpShell } from './http/http-server.ts';
import type { Authority } from './identity/authority.ts';
import type { Clock } from './ports.ts';
import type { State } from './state.ts';
import { startTickLoop } from './tick-loop.ts';

export interface Operators {
  readonly trail: AuditTrail;
  readonly administration: Administration;
  readonly keys: ApiKeys;
  readonly sessions: Sessions;
  readonly writes: IdempotentWrites;
  /** Lets the log vouch for what was written down. */
  readonly publish: () => Promise<void>;
  /** The credential of the first key, at the first start; nobody can learn it again. */
  readonly bootstrapKey: string | undefined;
}

const CERTIFICATE_MS = 60_000;

/** Opens what there is, says of what a crash interrupted that its outcome is unknown, and makes the first key if there is none. */
export async function openOperators(config: Config, state: State, clock: Clock): Promise<Operators> {
  const { trail, log } = state;
  const publication = new TrailPublication({ trail, log, clock });
  await publication.align();
  const administration = new Administration({ trail, clock });
  await administration.settle();
  const keys = new ApiKeys(state.apiKeys, clock);
  const issuer = config.http.oidc?.issuer;
  const sessions = new Sessions({ store: state.sessions, keys, clock, issuer });
  const bootstrapKey = await createFirstKey(keys, administration);
  const writes = new IdempotentWrites(state.writes, clock);
  return {
    trail,
    administration,
    keys,
    sessions,
    writes,
    publish: () => publication.publish(),
    bootstrapKey,
  };
}

/** Keys are never removed: none means that there never was one. */
async function createFirstKey(keys: ApiKeys, administration: Administration): Promise<string | undefined> {
  if ((await keys.list()).length > 0) return undefined;
  const asked = { action: 'key.create', subject: 'bootstrap (operator)' } as const;
  const terms = { name: 'bootstrap', scope: 'operator', lifetimeMs: undefined } as const;
  const { credential } = await administration.perform(COORDINATOR, asked, () => keys.create(terms));
  return credential;
}

export interface HttpSetup {
  readonly config: Config;
  readonly operators: Operators;
  readonly authority: Authority;
  readonly shell: Omit<ApiShell, 'callerOf'> &
    Pick<HttpShell, 'administration' | 'models' | 'health' | 'clock' | 'openLogDocument'>;
  readonly crash: (error: unknown) => void;
}

export interface RunningHttp {
  readonly url: string;
  close(): Promise<void>;
}

/** Listens; refuses CONFIG_INVALID for an address or a certificate that cannot be used. */
export async function startHttp({
  config,
  operators,
  authority,
  shell,
  crash,
}: HttpSetup): Promise<RunningHttp> {
  const { http, listen, log } = config;
  const { clock } = shell;
  const { tls, oidc, url } = http;
  const source = { authority, hosts: hostsOf(config) };
  const identity = tls === 'off' ? undefined : await openHttpIdentity({ ...source, tls }, clock.nowMs());
  const openId = oidc && url !== undefined ? new OpenIdSignIn(oidc, url, clock) : undefined;
  const app = await createHttpServer({
    ...shell,
    ...{ sessions: operators.sessions, openId, http, identity: identity?.first },
    origin: url,
    logFolder: log.directory,
  });
  const port = await listenHttp(app, listen.http);
  const renew = identity ? createRenewal(identity, app.server, shell) : async () => {};
  const loop = startTickLoop(renew, CERTIFICATE_MS, crash);
  return {
    url: url ?? `${identity ? 'https' : 'http'}://${hostOf(listen.http)}:${port}`,
    async close() {
      await loop.stop();
      await app.close();
    },
  };
}

/** Connections that are there go on with the certificate they began with. */
function createRenewal(
  identity: HttpIdentity,
  server: object,
  { clock, log }: Pick<HttpShell, 'clock' | 'log'>,
) {
  return async (): Promise<void> => {
    try {
      const next = await identity.next(clock.nowMs());
      if (!next) return;
      (server as Server).setSecureContext(toTlsOptions(next));
      log.info({ event: 'http.certificate-renewed' });
    } catch (err) {
      log.warn({ event: 'http.certificate-unusable', err });
    }
  };
}

/** Every name under which this machine is reached; not what stands for all of its addresses. */
function hostsOf({ listen, advertise, http }: Config): string[] {
  const named = [hostOf(listen.http), ...(advertise ? [hostOf(advertise)] : [])];
  const seen = http.url === undefined ? [] : [new URL(http.url).hostname];
  const all = new Set([...named, ...seen, '127.0.0.1', 'localhost']);
  return [...all].filter((host) => host !== '0.0.0.0' && host !== '[::]');
}
