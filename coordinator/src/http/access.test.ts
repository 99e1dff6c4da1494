// Every route with every wrong identity, over TLS: nothing but a refusal, and nothing has changed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Fastify from 'fastify';
import { parseTrailEntry, SCOPES, type Scope, type TrailEntry } from '@blindsum/proto';
import { answerOf } from '@blindsum/admin-client';
import {
  admitTestSite,
  startTestCoordinator,
  type TestCoordinator,
  type TestSite,
} from '../federation.fixture.ts';
import { submitTestJob } from '../submitted-job.fixture.ts';
import { adoptRoster } from '../adoption.fixture.ts';
import { ACCESS_RULES, accessOf, type RouteName } from './access-rules.ts';
import { guardRoutes, type Guard } from './guard.ts';

let coordinator: TestCoordinator;
let sites: TestSite[];
const keys = {} as Record<Scope, { key: string; credential: string }>;

before(async () => {
  coordinator = await startTestCoordinator();
  sites = [await admitTestSite(coordinator, 'hospital-a'), await admitTestSite(coordinator, 'hospital-b')];
  const { admin } = coordinator;
  await adoptRoster(coordinator, sites);
  await submitTestJob(admin, { contributors: { minimum: 2, allowTwoSites: true } });
  for (const scope of SCOPES) keys[scope] = await createKey(scope);
  await coordinator.get('/healthz');
});

after(async () => {
  for (const site of sites) site.close();
  await coordinator.remove();
});

function createKey(scope: Scope, terms: { readonly lifetimeMs?: number } = {}) {
  const body = { name: `a ${scope}`, scope, ...terms };
  return answerOf(coordinator.admin.POST('/v1/keys', { body }));
}

interface Asked {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const PARAMS: Readonly<Record<string, string>> = {
  ...{ ':job': 'test-job', ':round': '0', ':file': 'x', ':site': 'hospital-a' },
  ...{ ':invitation': '0'.repeat(32), ':key': '0'.repeat(16), ':record': '0'.repeat(64) },
};

async function ask(route: RouteName, { headers = {}, body }: Asked = {}) {
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern.replace('*', 'checkpoint').replace(/:[a-z]+/g, (name) => PARAMS[name]!);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await fetch(coordinator.running.httpUrl + path, {
    ...{ method, redirect: 'manual', headers: { ...type, ...headers } },
    ...(body !== undefined && { body }),
  });
  // Events do not end.
  const isStream = (answer.headers.get('content-type') ?? '').startsWith('text/event-stream');
  if (isStream) await answer.body!.cancel();
  const text = isStream ? '' : await answer.text();
  const { code } = (answer.headers.get('content-type') ?? '').includes('problem+json')
    ? (JSON.parse(text) as { code: string })
    : { code: undefined };
  return { status: answer.status, code, text, headers: answer.headers };
}

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });
const bodyOf = (route: RouteName): Asked =>
  route.endsWith('/cancel')
    ? { body: '{"reason":"a test"}' }
    : route.startsWith('POST /v1/jobs')
      ? { body: '{}' }
      : {};

async function trail(): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = [];
  // From entry 1 on: the first page would be written down.
  for (let after = 1; ; after = entries.at(-1)!.sequence) {
    const asked = { params: { query: { after } }, parseAs: 'text' } as const;
    const { data: text = '' } = await coordinator.admin.GET('/v1/audit-trail/export', asked);
    const lines = text.trimEnd().split('\n');
    if (lines[0] === '') return entries;
    entries.push(...lines.map((line) => parseTrailEntry(Buffer.from(line))));
  }
}

async function stateOf(): Promise<unknown> {
  const { jobs } = await answerOf(coordinator.admin.GET('/v1/status'));
  const { keys: all } = await answerOf(coordinator.admin.GET('/v1/keys', {}));
  return { jobs, keys: all.map(({ lastUsedMs: _, ...key }) => key) };
}

/** Signs in with a key and returns the cookie, as the browser sends it. */
async function signIn(scope: Scope): Promise<string> {
  const answer = await ask('POST /v1/session', { headers: bearer(keys[scope].credential) });
  return answer.headers.get('set-cookie')!.split(';', 1)[0]!;
}

const ROUTES = Object.keys(ACCESS_RULES) as RouteName[];
const GUARDED = ROUTES.filter((route) => ACCESS_RULES[route] !== 'public');
const OWN = { 'sec-fetch-site': 'same-origin' };

test('public routes are those of health, the log, released models, the description of the API and the way to sign in', () => {
  assert.deepEqual(
    ROUTES.filter((route) => ACCESS_RULES[route] === 'public'),
    [
      ...['GET /healthz', 'GET /readyz', 'GET /', 'GET /assets/:file', 'GET /log/*', 'GET /log/verify'],
      ...['GET /models', 'GET /models/:job/:round/:file', 'GET /v1/openapi.json', 'GET /docs', 'GET /docs/'],
      ...['GET /docs/json', 'GET /docs/yaml', 'GET /docs/static/index.html'],
      ...['GET /docs/static/swagger-initializer.js', 'GET /docs/static/*', 'GET /docs/errors'],
      ...['GET /v1/sign-in', 'GET /v1/sign-in/options', 'GET /v1/sign-in/callback'],
    ],
  );
});

test('health and the log are everybody’s, also with a credential that is none', async () => {
  for (const route of ['GET /healthz', 'GET /readyz', 'GET /log/*', 'GET /log/verify'] as const)
    for (const headers of [{}, bearer('nonsense'), { cookie: '__Host-blindsum=x' }])
      assert.equal((await ask(route, { headers })).status, 200, route);
});

test('no guarded route answers a wrong identity, or does anything for it', async () => {
  const revoked = await createKey('operator');
  await coordinator.admin.POST('/v1/keys/{key}/revoke', { params: { path: { key: revoked.key } } });
  const expired = await createKey('operator', { lifetimeMs: 1 });
  const endedCookie = await signIn('operator');
  await ask('DELETE /v1/session', { headers: { cookie: endedCookie, ...OWN } });
  const { key, credential } = keys.operator;
  const wrong: Record<string, Record<string, string>> = {
    none: {},
    'an empty credential': { authorization: '' },
    'no scheme': { authorization: credential },
    'another scheme': { authorization: `Basic ${Buffer.from(`x:${credential}`).toString('base64')}` },
    malformed: bearer('bsk_x'),
    'two credentials': bearer(`${credential} ${credential}`),
    'an unknown key': bearer(`bsk_${'0'.repeat(16)}_${credential.slice(-64)}`),
    'another secret': bearer(`bsk_${key}_${'0'.repeat(64)}`),
    'another key’s secret': bearer(`bsk_${key}_${keys.read.credential.slice(-64)}`),
    revoked: bearer(revoked.credential),
    expired: bearer(expired.credential),
    'no session': { cookie: '__Host-blindsum=' },
    'an unknown session': { cookie: `__Host-blindsum=${'0'.repeat(64)}` },
    'a session that was signed out': { cookie: endedCookie },
    'a session under another name': { cookie: endedCookie.replace('__Host-', '') },
    'a key as a session': { cookie: `__Host-blindsum=${credential}` },
    'a wrong key beside a good session': { ...bearer('bsk_x'), cookie: await signIn('operator') },
  };
  const before = await stateOf();
  for (const route of GUARDED)
    for (const [what, headers] of Object.entries(wrong)) {
      const answer = await ask(route, { ...bodyOf(route), headers });
      const isSlowed = answer.code === 'QUOTA_EXCEEDED' && answer.status === 429;
      assert.ok(
        isSlowed || (answer.status === 401 && answer.code === 'UNAUTHENTICATED'),
        `${route}, ${what}: ${answer.text}`,
      );
      if (!isSlowed) assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="blindsum"');
      assert.doesNotMatch(answer.text, /bsk_|hospital/);
    }
  assert.deepEqual(await stateOf(), before);
});

test('a scope lets through what needs it or less, by key and by session, and nothing that needs more', async () => {
  const before = await stateOf();
  for (const scope of SCOPES)
    for (const headers of [bearer(keys[scope].credential), { cookie: await signIn(scope), ...OWN }])
      for (const route of GUARDED) {
        // Those change things, and are tried below.
        if (ACCESS_RULES[route] === 'operator' && scope === 'operator' && route.startsWith('POST')) continue;
        if (route.endsWith(' /v1/session')) continue;
        const { status, code } = await ask(route, { ...bodyOf(route), headers });
        const isAllowed = SCOPES.indexOf(scope) <= SCOPES.indexOf(ACCESS_RULES[route] as Scope);
        if (isAllowed) assert.ok(status === 200 || code === 'NOT_FOUND', `${route} for ${scope}: ${status}`);
        else
          assert.ok(
            (status === 403 && code === 'NOT_ALLOWED') || status === 429,
            `${route} for ${scope}: ${status}`,
          );
      }
  assert.deepEqual(await stateOf(), before);
});

test('a signed-in browser changes nothing for another page', async () => {
  const cookie = await signIn('operator');
  const { origin } = new URL(coordinator.running.httpUrl);
  const foreign: Record<string, string>[] = [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'cross-site', origin },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: origin.replace('https', 'http') },
    { origin: `${origin}.evil.example` },
    { referer: `${origin}/` },
  ];
  const before = await stateOf();
  for (const route of GUARDED.filter((one) => !one.startsWith('GET')))
    for (const headers of foreign) {
      const { status, code, text } = await ask(route, { ...bodyOf(route), headers: { ...headers, cookie } });
      assert.ok(
        (status === 403 && code === 'NOT_ALLOWED') || status === 429,
        `${route} ${JSON.stringify(headers)}: ${text}`,
      );
    }
  assert.deepEqual(await stateOf(), before);
  assert.equal((await ask('GET /v1/session', { headers: { cookie } })).status, 200);
  const paused = await ask('POST /v1/jobs/:job/pause', { body: '{}', headers: { cookie, origin } });
  assert.equal(paused.status, 200, paused.text);
  const resumed = await ask('POST /v1/jobs/:job/resume', { body: '{}', headers: { cookie, ...OWN } });
  assert.equal(resumed.status, 200, resumed.text);
});

test('a session is one browser’s: its cookie is held to the host, TLS and the server, and ends with signing out', async () => {
  const answer = await ask('POST /v1/session', { headers: bearer(keys.auditor.credential) });
  const cookie = answer.headers.get('set-cookie')!;
  assert.match(
    cookie,
    /^__Host-blindsum=[0-9a-f]{64}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  assert.doesNotMatch(answer.text, /[0-9a-f]{64}/);
  const [mine, other] = [cookie.split(';', 1)[0]!, await signIn('auditor')];
  const out = await ask('DELETE /v1/session', { headers: { cookie: mine, ...OWN } });
  assert.match(out.headers.get('set-cookie')!, /^__Host-blindsum=; .*Expires=Thu, 01 Jan 1970/);
  // Or 429: this address has caused many refusals by now.
  assert.ok([401, 429].includes((await ask('GET /v1/session', { headers: { cookie: mine } })).status));
  assert.equal((await ask('GET /v1/session', { headers: { cookie: other } })).status, 200);
});

test('what was done is in the trail, with who and from where, and so is what was refused', async () => {
  const read = bearer(keys.read.credential);
  await ask('POST /v1/jobs/:job/pause', { body: '{}', headers: bearer(keys.operator.credential) });
  await ask('POST /v1/jobs/:job/resume', { body: '{}', headers: bearer(keys.operator.credential) });
  await ask('GET /v1/keys', { headers: read });
  const entries = await trail();
  const paused = entries.filter(({ action }) => action === 'job.pause').slice(-2);
  assert.deepEqual(
    paused.map(({ outcome, subject, from, actor, completes }) => ({
      outcome,
      subject,
      from,
      actor,
      completes,
    })),
    ['begun', 'done'].map((outcome, i) => ({
      ...{ outcome, subject: 'test-job', from: '127.0.0.1' },
      actor: { kind: 'key', key: keys.operator.key, name: 'a operator', scope: 'operator' },
      completes: i === 0 ? 0 : paused[0]!.sequence,
    })),
  );
  // Refusals are written down as far as their budget goes, which the tests above have used up.
  const refused = entries.filter(({ action }) => action === 'access.refused');
  assert.equal(refused.length, 30);
  assert.ok(refused.some(({ actor, code }) => actor.kind === 'stranger' && code === 'UNAUTHENTICATED'));
  assert.doesNotMatch(JSON.stringify(entries), new RegExp(keys.operator.credential.slice(-64)));
});

test('an auditor reads the trail page by page, exactly as it is kept', async () => {
  const answer = await ask('GET /v1/audit-trail/export', { headers: bearer(keys.auditor.credential) });
  assert.match(answer.headers.get('content-type')!, /^application\/x-ndjson/);
  const first = parseTrailEntry(Buffer.from(answer.text.split('\n', 1)[0]!));
  assert.deepEqual([first.sequence, first.action, first.subject], [1, 'key.create', 'bootstrap (operator)']);
  const bad = await fetch(`${coordinator.running.httpUrl}/v1/audit-trail/export?after=-1`, {
    headers: bearer(keys.auditor.credential),
  });
  assert.equal(bad.status, 400);
});

test('answers tell browsers to keep to our own pages, and caches to keep nothing', async () => {
  const { headers } = await ask('GET /v1/status', { headers: bearer(keys.read.credential) });
  assert.equal(
    headers.get('content-security-policy'),
    "default-src 'self';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';form-action 'self';object-src 'none';base-uri 'none';frame-ancestors 'none'",
  );
  assert.match(headers.get('strict-transport-security')!, /max-age=\d{7,}/);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('access-control-allow-origin'), null);
});

test('without a provider there is nothing to sign in with but a key', async () => {
  assert.equal((await ask('GET /v1/sign-in')).code, 'NOT_FOUND');
  assert.equal((await ask('GET /v1/sign-in/callback')).code, 'NOT_FOUND');
});

test('nothing is spoken in the clear, and no certificate of another authority is good', async () => {
  const { httpUrl } = coordinator.running;
  await assert.rejects(fetch(`${httpUrl.replace('https', 'http')}/healthz`));
  const pem = await readFile(join(coordinator.config.stateDirectory, 'identity/authority.pem'), 'utf8');
  assert.match(pem, /BEGIN CERTIFICATE/);
});

test('a route without a rule does not start, nor does a rule without a route, whatever its name', async () => {
  const app = Fastify();
  await app.register(import('@fastify/rate-limit'));
  guardRoutes(app, { clock: { nowMs: () => 0 } } as Guard);
  for (const path of ['/v1/secret', '/v1/jobs/:name', '/constructor', '/__proto__'])
    assert.throws(
      () => app.get(path, async () => 'secret'),
      /no access rule for GET \/|no access rule for HEAD \//,
      path,
    );
  assert.throws(() => app.post('/v1/status', async () => 'x'), /no access rule for POST/);
  assert.equal(accessOf('GET', '/v1/keys/'), undefined);
  await assert.rejects(async () => app.ready(), /access rules without a route: GET \/healthz/);
});
