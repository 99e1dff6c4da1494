// Every route of the description, with what its formats allow and with what they do not: an answer is of the format that the
// description gives it, and what is not allowed is refused as MALFORMED, in a problem document that says where and what to do.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { answerOf } from '@blindsum/admin-client';
import { socketFetch } from '@blindsum/admin-client/node';
import { createManifest, encodeSignedManifest, parseJobFile, type Roster } from '@blindsum/proto';
import {
  createSiteRequest,
  startTestCoordinator,
  TEST_JOB,
  type TestCoordinator,
} from '../federation.fixture.ts';
import { TestJob } from '../whole-rounds.fixture.ts';
import { signTestManifest, TEST_AUTHOR } from '../../../test/fixtures/federation.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: object;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { schema: object }>> }>
  >;
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const DESCRIPTION = new URL('../../../admin-client/openapi.json', import.meta.url);
const description = JSON.parse(await readFile(DESCRIPTION, 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

/** Over HTTPS alone, and about the browser that asks. */
const ELSEWHERE = new Set([
  ...['getSession', 'signIn', 'signOut', 'getSignInOptions', 'getHealth', 'getReadiness'],
]);
const ROUTES: readonly Route[] = Object.entries(description.paths)
  .flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ method: method.toUpperCase(), path },
      operation,
    })),
  )
  .filter(({ operation }) => !ELSEWHERE.has(operation.operationId));

let coordinator: TestCoordinator;
let job: TestJob;
let send: ReturnType<typeof socketFetch>;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(description, 'api');

before(async () => {
  coordinator = await startTestCoordinator();
  job = await TestJob.start(coordinator);
  send = socketFetch(join(coordinator.config.stateDirectory, 'admin.sock'));
});

after(async () => {
  job.close();
  await coordinator.remove();
});

/** The schema at a place in the description, with its references. */
function compile(route: Route, ...place: readonly string[]): ValidateFunction {
  const at = ['paths', route.path, route.method.toLowerCase(), ...place];
  const pointer = at.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
  return ajv.compile({ $ref: `api#/${pointer.join('/')}` });
}

interface Sent {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask({ method, path }: Route, { path: params = {}, query = '', body, headers = {} }: Sent) {
  const filled = path.replace(/\{([a-z]+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const ending = new AbortController();
  const answer = await send(
    new Request(`http://x${filled}${query}`, {
      ...{ method, headers: { ...type, ...headers }, signal: ending.signal },
      ...(body !== undefined && { body }),
    }),
  );
  const kind = (answer.headers.get('content-type') ?? '').split(';')[0]!;
  if (kind === 'text/event-stream') {
    ending.abort();
    return { status: answer.status, kind, value: '', headers: answer.headers };
  }
  const text = await answer.text();
  const value: unknown = /[/+]json$/.test(kind) ? JSON.parse(text) : text;
  return { status: answer.status, kind, value, headers: answer.headers };
}

const PATH = {
  job: 'test-job',
  round: '0',
  site: 'hospital-a',
  key: '',
  invitation: '',
  record: '0'.repeat(64),
};

const ALL = { params: { query: { limit: 200 } } };

async function lastKey(): Promise<string> {
  return (await answerOf(coordinator.admin.GET('/v1/keys', ALL))).keys.at(-1)!.key;
}

async function lastInvitation(): Promise<string> {
  return (await answerOf(coordinator.admin.GET('/v1/invitations', ALL))).invitations.at(-1)!.id;
}

/** What is asked of each route, so that it has something to answer. */
async function validRequest({ operation: { operationId } }: Route): Promise<Sent> {
  const bodies: Readonly<Record<string, () => Promise<unknown>>> = {
    admitSite: async () => (await createSiteRequest('hospital-x')).request,
    revokeSite: async () => ({ reason: 'superseded' }),
    inviteSite: async () => ({ site: 'hospital-y', lifetimeMs: 60_000, replaces: false }),
    proposeRoster: async () => ({ replace: true }),
    submitJob: signedJob,
    validateJob: async () => ({ ...TEST_JOB, job: 'another' }),
    cancelJob: async () => ({ reason: 'a test' }),
    createKey: async () => ({ name: 'a key', scope: 'read' }),
    rotateKey: async () => ({ overlapMs: 1000 }),
    announceBackup: async () => ({ folder: '/backup' }),
    redactRecord: async () => ({ reason: 'a test' }),
  };
  const key = await lastKey();
  if (operationId === 'revokeInvitation')
    await coordinator.admin.POST('/v1/invitations', {
      body: { site: 'hospital-z', lifetimeMs: 60_000, replaces: false },
    });
  const invitation = operationId === 'revokeInvitation' ? await lastInvitation() : '';
  const body = bodies[operationId];
  return { path: { ...PATH, key, invitation }, ...(body && { body: JSON.stringify(await body()) }) };
}

async function signedJob(): Promise<unknown> {
  const roster = (await answerOf(coordinator.admin.GET('/v1/roster/next'))) as Roster;
  const file = parseJobFile({ ...TEST_JOB, job: 'submitted-job' });
  const manifest = createManifest(file, roster, TEST_AUTHOR);
  return JSON.parse(encodeSignedManifest(signTestManifest(manifest)));
}

/** What is not there, or not in the state for it. */
const REFUSED: Readonly<Record<string, string>> = { getRelease: 'NOT_FOUND', redactRecord: 'NOT_FOUND' };

/** What ends others comes last. */
const LAST = ['cancelJob', 'revokeKey', 'revokeSite'];
const inOrder = ROUTES.toSorted(
  (a, b) => LAST.indexOf(a.operation.operationId) - LAST.indexOf(b.operation.operationId),
);

test('a good request is answered in the format that the description gives, and tagged if it only reads', async () => {
  assert.ok(ROUTES.length >= 35);
  for (const route of inOrder) {
    const { operationId, responses } = route.operation;
    const { status, kind, value, headers } = await ask(route, await validRequest(route));
    const code = REFUSED[operationId];
    const place = code === undefined ? String(status) : 'default';
    const content = responses[place]?.content;
    assert.ok(content?.[kind], `${operationId}: ${status} ${kind} ${JSON.stringify(value).slice(0, 300)}`);
    const validate = compile(route, 'responses', place, 'content', kind, 'schema');
    assert.ok(validate(value), `${operationId}: ${ajv.errorsText(validate.errors)}`);
    if (code !== undefined) assert.equal((value as { code: string }).code, code, operationId);
    const isTagged = route.method === 'GET' && status === 200 && kind !== 'text/event-stream';
    assert.equal(headers.get('etag') !== null, isTagged, operationId);
  }
});

/** Values that no format of ours allows in a path or a query. */
const BAD_TEXTS = ['', ' ', '\u0000', '-1', '1e3', 'Ä', '../x', '__proto__', 'x'.repeat(5000)];
const BAD_BODIES = [
  ...['', '[]', 'null', '1', '"x"', '{', '{"__proto__":{}}', `${'['.repeat(200)}${']'.repeat(200)}`],
  ...['{"colour":"red"}', '{}{}'],
];

async function assertMalformed(route: Route, sent: Sent, what: string): Promise<void> {
  const { status, kind, value } = await ask(route, sent);
  const said = `${route.operation.operationId}, ${what}: ${status} ${JSON.stringify(value).slice(0, 300)}`;
  assert.equal(kind, 'application/problem+json', said);
  const { code, hint, detail } = value as Record<string, string>;
  // An empty name is another path, and so is what a path cannot hold.
  const codes = what.startsWith('path') ? ['MALFORMED', 'NOT_FOUND'] : ['MALFORMED', 'CONFIG_INVALID'];
  assert.ok(codes.includes(code!) && status >= 400 && status < 500, said);
  assert.ok(hint!.length > 0 && detail!.length > 0, said);
}

test('a parameter, a path or a key that no format allows is refused, and so is one that nobody knows', async () => {
  for (const route of ROUTES) {
    const good = await validRequest(route);
    await assertMalformed(route, { ...good, query: '?colour=red' }, 'an unknown parameter').catch((error) => {
      // Writes take no parameters at all.
      if (route.method === 'GET') throw error;
    });
    for (const parameter of route.operation.parameters ?? [])
      for (const bad of BAD_TEXTS) {
        const { name, in: place } = parameter;
        const isFree = name === 'actor' && bad !== '' && bad.length < 300;
        if (isFree || (place === 'path' && name === 'site' && bad === '-1')) continue;
        if (place === 'query') {
          const query = `?${name}=${encodeURIComponent(bad)}`;
          await assertMalformed(route, { ...good, query }, `${name}=${bad.slice(0, 9)}`);
        } else if (place === 'path') {
          const path = { ...good.path, [name]: bad };
          await assertMalformed(route, { ...good, path }, `path ${name}=${bad.slice(0, 9)}`);
        } else if (/^[\x20-\x7e]*$/.test(bad) && !/^[\x21-\x7e]{1,128}$/.test(bad.trim())) {
          await assertMalformed(route, { ...good, headers: { [name]: bad } }, `${name}: ${bad.slice(0, 9)}`);
        }
      }
  }
});

test('a body that no format allows is refused, nothing is changed by it, and the trail says so', async () => {
  const before = await answerOf(coordinator.admin.GET('/v1/jobs', {}));
  for (const route of ROUTES.filter(({ method }) => method !== 'GET')) {
    const { path } = await validRequest(route);
    for (const body of BAD_BODIES) {
      // Where a document is free, or empty, its own parser or nobody looks at it.
      const isEmptyGood = body === '' && route.operation.requestBody === undefined;
      if (isEmptyGood || (route.operation.operationId === 'validateJob' && body.startsWith('{"colour')))
        continue;
      await assertMalformed(route, { ...(path && { path }), body }, `body ${body.slice(0, 20)}`);
    }
  }
  assert.deepEqual(await answerOf(coordinator.admin.GET('/v1/jobs', {})), before);
  const query = { action: 'job.submit', limit: 3 };
  const { entries } = await answerOf(coordinator.admin.GET('/v1/audit-trail', { params: { query } }));
  assert.deepEqual([entries[0]?.outcome, entries[0]?.code], ['refused', 'MALFORMED']);
});
