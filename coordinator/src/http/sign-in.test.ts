// Signing in with a real OpenID provider, and everything that must not be taken for it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { parseTrailEntry, type TrailEntry } from '@blindsum/proto';
import { answerOf } from '@blindsum/admin-client';
import { PendingSignIns, SIGN_IN_MS } from '../access/pending-sign-ins.ts';
import { startTestCoordinator, type TestCoordinator } from '../federation.fixture.ts';
import {
  Browser,
  CLIENT_ID,
  CLIENT_SECRET,
  OTHER_KEY,
  startProvider,
  type Falsify,
  type TestProvider,
} from './open-id-provider.fixture.ts';

let coordinator: TestCoordinator;
let provider: TestProvider;
let folder: string;
let origin: string;
let browsers = 0;

/** Each from another address: sign-ins are limited by address. */
const openBrowser = () => new Browser(`192.0.2.${++browsers}`);

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bs-oidc-'));
  const clientSecretFile = join(folder, 'secret');
  await writeFile(clientSecretFile, `${CLIENT_SECRET}\n`);
  const port = await findFreePort();
  origin = `https://127.0.0.1:${port}`;
  provider = await startProvider(`${origin}/v1/sign-in/callback`);
  coordinator = await startTestCoordinator(
    {},
    {
      listen: { grpc: '127.0.0.1:0', http: `127.0.0.1:${port}` },
      http: {
        tls: 'authority',
        url: origin,
        trustProxy: ['127.0.0.1'],
        requestsPerMinute: 1000,
        oidc: {
          issuer: provider.issuer,
          clientId: CLIENT_ID,
          clientSecretFile,
          requestedScopes: ['groups'],
          claim: 'groups',
          scopes: { operator: ['federation-operators'], auditor: ['revision'], read: [] },
        },
      },
    },
  );
  await coordinator.get('/healthz');
});

after(async () => {
  await coordinator.remove();
  await provider.close();
  await rm(folder, { recursive: true });
});

afterEach(() => {
  provider.falsify = undefined;
  provider.account = { sub: 'alice', groups: ['staff', 'revision'] };
});

/** As far as the provider's answer, which the browser has not handed over yet. */
async function toAnswer(browser: Browser): Promise<string> {
  return browser.follow(`${origin}/v1/sign-in`, `${origin}/v1/sign-in/callback`);
}

async function refused(browser: Browser, url: string, status = 401, code = 'UNAUTHENTICATED'): Promise<void> {
  const answer = await browser.ask(url);
  const problem = (await answer.json()) as { code: string; detail: string };
  assert.deepEqual([answer.status, problem.code], [status, code], problem.detail);
  assert.doesNotMatch(problem.detail, /alice|eyJ/);
  assert.equal((await browser.ask(`${origin}/v1/session`)).status, 401, 'it has a session');
}

async function lastEntries(count: number): Promise<TrailEntry[]> {
  const asked = { params: { query: { after: 1 } }, parseAs: 'text' } as const;
  const text = await answerOf(coordinator.admin.GET('/v1/audit-trail/export', asked));
  const lines = text.trimEnd().split('\n');
  return lines.slice(-count).map((line) => parseTrailEntry(Buffer.from(line)));
}

test('a person signs in with a group that gives a scope, is written down, and signs out', async () => {
  provider.account = { sub: 'alice', groups: ['staff', 'revision'] };
  const browser = openBrowser();
  const start = await browser.ask(`${origin}/v1/sign-in`);
  const sent = new URL(start.headers.get('location')!);
  assert.deepEqual(
    ['response_type', 'code_challenge_method', 'scope'].map((name) => sent.searchParams.get(name)),
    ['code', 'S256', 'openid groups'],
  );
  for (const name of ['state', 'nonce', 'code_challenge'])
    assert.ok(sent.searchParams.get(name)!.length >= 43, name);
  await browser.follow(await browser.follow(sent.href, origin), `${origin}/`);
  const actor = { kind: 'person', issuer: provider.issuer, subject: 'alice', scope: 'auditor' };
  const shown = (await (await browser.ask(`${origin}/v1/session`)).json()) as {
    actor: unknown;
    scope: string;
  };
  assert.deepEqual([shown.actor, shown.scope], [actor, 'auditor']);
  assert.equal((await browser.ask(`${origin}/v1/audit-trail/export?after=1`)).status, 200);
  assert.equal((await browser.ask(`${origin}/v1/keys`)).status, 403);
  const entries = (await lastEntries(3)).slice(0, 2);
  assert.deepEqual(
    entries.map((entry) => [entry.action, entry.outcome, entry.actor, entry.from]),
    ['begun', 'done'].map((outcome) => ['session.sign-in', outcome, actor, browser.address]),
  );
  assert.equal(browser.cookie(origin, '__Host-blindsum-sign-in'), undefined);
  const out = await browser.ask(`${origin}/v1/session`, 'DELETE', { origin });
  assert.equal(out.status, 200);
  assert.equal((await browser.ask(`${origin}/v1/session`)).status, 401);
});

test('whoever has no group that is named is let in nowhere', async () => {
  for (const groups of [
    [],
    ['staff'],
    'Revision',
    undefined,
    { revision: true },
    [['revision', {}]],
    [null],
  ]) {
    provider.account = { sub: 'mallory', groups };
    const browser = openBrowser();
    await refused(browser, await toAnswer(browser), 403, 'NOT_ALLOWED');
  }
  const [entry] = await lastEntries(1);
  assert.deepEqual(
    [entry!.action, entry!.outcome, entry!.code],
    ['session.sign-in', 'refused', 'NOT_ALLOWED'],
  );
});

test('of several groups the largest scope counts', async () => {
  provider.account = { sub: 'bob', groups: ['revision', 'federation-operators'] };
  const browser = openBrowser();
  await browser.follow(await toAnswer(browser), `${origin}/`);
  const shown = (await (await browser.ask(`${origin}/v1/session`)).json()) as { scope: string };
  assert.equal(shown.scope, 'operator');
  assert.equal((await browser.ask(`${origin}/v1/keys`)).status, 200);
});

test('an answer is good once, and in the browser that asked for it', async () => {
  const [browser, other] = [openBrowser(), openBrowser()];
  const answer = await toAnswer(browser);
  // A stranger's link, opened by somebody who is not signing in, or who is signing in.
  await refused(other, answer);
  await toAnswer(other);
  await refused(other, answer);
  const held = browser.cookie(origin, '__Host-blindsum-sign-in')!;
  await browser.follow(answer, `${origin}/`);
  const thief = openBrowser();
  thief.setCookie(origin, '__Host-blindsum-sign-in', held);
  await refused(thief, answer);
});

test('a code that was redeemed is not redeemed again, with whatever state', async () => {
  const browser = openBrowser();
  const first = new URL(await toAnswer(browser));
  await browser.follow(first.href, `${origin}/`);
  const again = openBrowser();
  const second = new URL(await toAnswer(again));
  second.searchParams.set('code', first.searchParams.get('code')!);
  await refused(again, second.href);
});

const ANSWERS: Record<string, (answer: URLSearchParams) => void> = {
  'another state': (answer) => answer.set('state', 'x'.repeat(43)),
  'no state': (answer) => answer.delete('state'),
  'two states': (answer) => answer.append('state', 'x'),
  'another code': (answer) => answer.set('code', 'x'.repeat(43)),
  'no code': (answer) => answer.delete('code'),
  'another issuer': (answer) => answer.set('iss', 'https://evil.example'),
  'no issuer': (answer) => answer.delete('iss'),
  'a denial': (answer) => {
    answer.delete('code');
    answer.set('error', 'access_denied');
  },
};
for (const [what, change] of Object.entries(ANSWERS))
  test(`an answer of the provider is refused: ${what}`, async () => {
    const browser = openBrowser();
    const answer = new URL(await toAnswer(browser));
    change(answer.searchParams);
    await refused(browser, answer.href);
  });

const hourAgo = () => Math.floor(Date.now() / 1000) - 3600;
const TOKENS: Record<string, Falsify> = {
  'another issuer': () => ({ claims: { iss: 'https://evil.example' } }),
  'no issuer': () => ({ claims: { iss: undefined } }),
  'another audience': () => ({ claims: { aud: 'other' } }),
  'another audience besides': () => ({ claims: { aud: [CLIENT_ID, 'other'], azp: 'other' } }),
  'another nonce': () => ({ claims: { nonce: 'x'.repeat(43) } }),
  'no nonce': () => ({ claims: { nonce: undefined } }),
  'one that has expired': () => ({ claims: { iat: hourAgo() - 60, exp: hourAgo() } }),
  'one without an end': () => ({ claims: { exp: undefined } }),
  'one that begins later': () => ({ claims: { nbf: Math.floor(Date.now() / 1000) + 3600 } }),
  'no subject': () => ({ claims: { sub: undefined } }),
  'the signature of another key': () => ({ key: OTHER_KEY }),
  'no signature': () => ({ header: { alg: 'none' } }),
  'a symmetric algorithm': () => ({ header: { alg: 'HS256' } }),
};
for (const [what, falsify] of Object.entries(TOKENS))
  test(`an ID token is refused: ${what}`, async () => {
    const browser = openBrowser();
    const answer = await toAnswer(browser);
    provider.falsify = falsify;
    await refused(browser, answer);
  });

test('an ID token that was signed anew with the right key and nothing else changed is accepted', async () => {
  const browser = openBrowser();
  const answer = await toAnswer(browser);
  provider.falsify = () => ({ claims: { extra: createHmac('sha256', 'x').digest('hex') } });
  await browser.follow(answer, `${origin}/`);
});

test('sign-ins from one address are limited, and others go on', async () => {
  const browser = openBrowser();
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push((await browser.ask(`${origin}/v1/sign-in`)).status);
  assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 303), 429, 429]);
  assert.equal((await openBrowser().ask(`${origin}/v1/sign-in`)).status, 303);
});

test('a sign-in that takes too long, and the oldest of very many, come to nothing', () => {
  const clock = { now: 0, nowMs: () => clock.now };
  const pending = new PendingSignIns(clock);
  const expected = { state: 's', nonce: 'n', codeVerifier: 'v' };
  const [slow, good] = [pending.add(expected), pending.add(expected)];
  clock.now = SIGN_IN_MS - 1;
  assert.deepEqual(pending.take(good)?.state, 's');
  assert.equal(pending.take(good), undefined);
  clock.now = SIGN_IN_MS;
  assert.equal(pending.take(slow), undefined);
  const oldest = pending.add(expected);
  for (let i = 0; i < 1000; i++) pending.add(expected);
  assert.equal(pending.take(oldest), undefined);
});

test('a provider that is away keeps nobody from using a key', async () => {
  const browser = openBrowser();
  const answer = await toAnswer(browser);
  await provider.close();
  await refused(browser, answer, 503, 'UNAVAILABLE');
  assert.equal((await coordinator.get('/v1/status')).status, 200);
});
