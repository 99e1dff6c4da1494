// A real OpenID provider (oidc-provider) on loopback, whose answers can be falsified on their way, and a browser that signs in there.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export const CLIENT_ID = 'blindsum';
export const CLIENT_SECRET = randomBytes(24).toString('hex');

/** What the ID token becomes before it leaves the provider. */
export type Falsify = (token: { header: Record<string, unknown>; claims: Record<string, unknown> }) => {
  readonly header?: object;
  readonly claims?: object;
  /** Another key signs. */
  readonly key?: KeyObject;
};

export interface TestProvider {
  readonly issuer: string;
  /** Who is signed in there, with these groups, from now on. */
  account: { readonly sub: string; readonly groups: unknown };
  falsify: Falsify | undefined;
  close(): Promise<void>;
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const OTHER_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** Starts one that knows the client with this redirect address. */
export async function startProvider(redirectUri: string): Promise<TestProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const server = createServer((request, response) => handle(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const test: TestProvider = {
    issuer,
    account: { sub: 'alice', groups: [] },
    falsify: undefined,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
  const provider = createProvider(test, redirectUri);
  const answer = provider.callback();
  handle = (request, response) => {
    if (request.url?.startsWith('/interaction/')) return void signIn(provider, test, request, response);
    if (request.url === '/token') falsifyAnswer(response, () => test.falsify);
    void answer(request, response);
  };
  return test;
}

function createProvider(test: TestProvider, redirectUri: string): Provider {
  return new Provider(test.issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [redirectUri],
        // oidc-provider wants https for others; loopback is fine.
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'k' }] },
    claims: { openid: ['sub'], groups: ['groups'] },
    scopes: ['openid', 'groups'],
    conformIdTokenClaims: false,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: async (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, groups: test.account.groups }),
    }),
    // Nobody is asked for consent.
    async loadExistingGrant(context) {
      const accountId = context.oidc.session!.accountId!;
      const grant = new context.oidc.provider.Grant({ clientId: CLIENT_ID, accountId });
      grant.addOIDCScope('openid groups');
      await grant.save();
      return grant;
    },
  });
}

async function signIn(
  provider: Provider,
  test: TestProvider,
  request: IncomingMessage,
  response: ServerResponse,
) {
  await provider.interactionFinished(request, response, { login: { accountId: test.account.sub } });
}

function falsifyAnswer(response: ServerResponse, toFalsify: () => Falsify | undefined): void {
  const end = response.end.bind(response) as (body?: unknown) => ServerResponse;
  response.end = ((body: unknown) => {
    const falsify = toFalsify();
    if (!falsify || response.statusCode !== 200) return end(body);
    const answer = JSON.parse(String(body)) as { id_token: string };
    const changed = JSON.stringify({ ...answer, id_token: falsifyToken(answer.id_token, falsify) });
    response.setHeader('content-length', Buffer.byteLength(changed));
    return end(changed);
  }) as typeof response.end;
}

function falsifyToken(token: string, falsify: Falsify): string {
  const [header = {}, claims = {}] = token
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
  const changed = falsify({ header, claims });
  const body = [
    { ...header, ...changed.header },
    { ...claims, ...changed.claims },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${body}.${sign('sha256', Buffer.from(body), changed.key ?? privateKey).toString('base64url')}`;
}

/** A browser with cookies, at an address of its own. */
export class Browser {
  readonly address: string;
  readonly #jar = new Map<string, string>();

  constructor(address: string) {
    this.address = address;
  }

  /** Asks once, without going where it is sent. */
  async ask(url: string, method = 'GET', headers: Record<string, string> = {}): Promise<Response> {
    const { origin } = new URL(url);
    const held = [...this.#jar].filter(([name]) => name.startsWith(`${origin} `));
    const cookie = held.map(([name, value]) => `${name.split(' ')[1]!}=${value}`).join('; ');
    const sent = { ...headers, 'x-forwarded-for': this.address, ...(cookie && { cookie }) };
    const answer = await fetch(url, { method, redirect: 'manual', headers: sent });
    for (const line of answer.headers.getSetCookie()) this.#keep(origin, line);
    return answer;
  }

  /** Goes where it is sent until that begins with `end`, and returns it. */
  async follow(url: string, end: string): Promise<string> {
    let at = url;
    for (let steps = 0; steps < 10; steps++) {
      const answer = await this.ask(at);
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`${at}: ${answer.status} ${await answer.text()}`);
      at = new URL(location, at).href;
      if (at.startsWith(end)) return at;
    }
    throw new Error(`no end of redirections at ${at}`);
  }

  cookie(origin: string, name: string): string | undefined {
    return this.#jar.get(`${origin} ${name}`);
  }

  setCookie(origin: string, name: string, value: string): void {
    this.#jar.set(`${origin} ${name}`, value);
  }

  #keep(origin: string, line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) this.#jar.delete(`${origin} ${name}`);
    else this.#jar.set(`${origin} ${name}`, value);
  }
}
