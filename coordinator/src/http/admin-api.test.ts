// The admin API of a running coordinator through the typed client: over TLS with an API key, and over the admin socket.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  answerOf,
  createAdminClient,
  everyPage,
  Problem,
  type AdminClient,
  type AdminEvent,
} from '@blindsum/admin-client';
import { socketFetch } from '@blindsum/admin-client/node';
import { adoptRoster } from '../adoption.fixture.ts';
import {
  admitTestSite,
  startTestCoordinator,
  TEST_JOB,
  type TestCoordinator,
  type TestSite,
} from '../federation.fixture.ts';
import { submitTestJob } from '../submitted-job.fixture.ts';

let coordinator: TestCoordinator;
const sites: TestSite[] = [];
let client: AdminClient;
let socket: AdminClient;

before(async () => {
  coordinator = await startTestCoordinator();
  // Until then its authority is not trusted.
  await coordinator.get('/healthz');
  socket = createAdminClient({
    baseUrl: 'http://admin.sock',
    fetch: socketFetch(join(coordinator.config.stateDirectory, 'admin.sock')),
  });
  const body = { name: 'a console', scope: 'read' } as const;
  const { credential } = await answerOf(socket.POST('/v1/keys', { body }));
  client = createAdminClient({ baseUrl: coordinator.running.httpUrl, credential });
  for (const name of ['hospital-a', 'hospital-b']) sites.push(await admitTestSite(coordinator, name));
  await adoptRoster(coordinator, sites);
});

after(async () => {
  for (const site of sites) site.close();
  await coordinator.remove();
});

interface Reader {
  readonly events: AdminEvent[];
  /** Waits for an event that comes, or has come. */
  until(isIt: (event: AdminEvent) => boolean): Promise<AdminEvent>;
  close(): Promise<void>;
}

async function openReader(
  from: AdminClient,
  lastEventId?: string,
  types?: ['job' | 'trail'],
): Promise<Reader> {
  const [ending, events] = [new AbortController(), [] as AdminEvent[]];
  const opened = Promise.withResolvers<void>();
  let wake = Promise.withResolvers<void>();
  const { signal } = ending;
  const run = async (): Promise<void> => {
    const onState = (state: string): void => void (state === 'open' && opened.resolve());
    const options = {
      signal,
      onState,
      ...(lastEventId !== undefined && { lastEventId }),
      ...(types && { types }),
    };
    for await (const event of from.watch(options)) {
      events.push(event);
      wake.resolve();
      wake = Promise.withResolvers<void>();
    }
  };
  const running = run().finally(() => opened.resolve());
  await opened.promise;
  return {
    events,
    async until(isIt) {
      for (;;) {
        const next = wake.promise;
        const found = events.find(isIt);
        if (found) return found;
        await next;
      }
    },
    async close() {
      ending.abort();
      await running;
    },
  };
}

const jobIn =
  (state: string) =>
  (event: AdminEvent): boolean =>
    event.type === 'job' && event.data.job.state === state;

test('what happens is told over TLS and over the socket alike, and who comes back is told what it missed', async () => {
  const [reader, local] = [await openReader(client), await openReader(socket)];
  await submitTestJob(coordinator.admin, { contributors: { minimum: 2, allowTwoSites: true } });
  const told = await reader.until(jobIn('joining'));
  assert.deepEqual(told, await local.until(jobIn('joining')));
  assert.ok(told.type === 'job' && told.data.job.job === 'test-job');
  await reader.close();
  await answerOf(socket.POST('/v1/jobs/{job}/pause', { params: { path: { job: 'test-job' } } }));
  await local.until(jobIn('paused'));
  const back = await openReader(client, told.id);
  const missed = await back.until(jobIn('paused'));
  assert.deepEqual(back.events.filter(jobIn('joining')), []);
  assert.deepEqual(missed, local.events.find(jobIn('paused')));
  await back.close();
  await local.close();
});

test('a site that is admitted or revoked, and the log that grows by it, are told', async () => {
  const reader = await openReader(client);
  sites.push(await admitTestSite(coordinator, 'hospital-c'));
  const isC = (event: AdminEvent): boolean => event.type === 'site' && event.data.site.site === 'hospital-c';
  const admitted = await reader.until(isC);
  assert.ok(admitted.type === 'site' && admitted.data.site.revoked === null);
  await answerOf(
    socket.POST('/v1/sites/{site}/revoke', {
      ...{ params: { path: { site: 'hospital-c' } }, body: { reason: 'superseded' } },
    }),
  );
  await reader.until((event) => isC(event) && event.type === 'site' && event.data.site.revoked !== null);
  const { log } = await answerOf(client.GET('/v1/federation'));
  await reader.until((event) => event.type === 'log' && event.data.log.size >= log.size);
  await reader.close();
});

test('a trail that grows is told by its length alone: what is in it is for auditors', async () => {
  const reader = await openReader(client, undefined, ['trail']);
  const entriesOf = () => answerOf(socket.GET('/v1/audit-trail', { params: { query: { limit: 1 } } }));
  const before = (await entriesOf()).entries[0]!.sequence;
  await answerOf(socket.POST('/v1/keys', { body: { name: 'another', scope: 'read' } }));
  const told = await reader.until((event) => event.type === 'trail' && event.data.last === before + 2);
  assert.deepEqual(Object.keys(told.data).toSorted(), ['atMs', 'last']);
  await reader.close();
});

test('events of an earlier coordinator cannot be told again: the reader is told so', async () => {
  const reader = await openReader(client, 'feedfeedfeedfeed-17', ['job']);
  const first = await reader.until(() => true);
  assert.equal(first.type, 'reset');
  await reader.close();
});

test('a wrong key, and types that are none, are refused for good', async () => {
  const { signal } = new AbortController();
  const wrong = createAdminClient({ baseUrl: coordinator.running.httpUrl, credential: 'bsk_x' });
  const refused = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;
  await assert.rejects(wrong.watch({ signal }).next(), refused('UNAUTHENTICATED'));
  await assert.rejects(client.watch({ signal, types: ['colour' as 'job'] }).next(), refused('MALFORMED'));
});

test('what was read already is not sent again', async () => {
  const { httpUrl } = coordinator.running;
  const { credential } = await answerOf(socket.POST('/v1/keys', { body: { name: 'tags', scope: 'read' } }));
  const ask = (headers: Record<string, string>) =>
    fetch(`${httpUrl}/v1/roster`, { headers: { authorization: `Bearer ${credential}`, ...headers } });
  const first = await ask({});
  const tag = first.headers.get('etag')!;
  assert.match(tag, /^"[A-Za-z0-9_-]{43}"$/);
  for (const given of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
    const again = await ask({ 'if-none-match': given });
    assert.deepEqual([again.status, await again.text(), again.headers.get('etag')], [304, '', tag], given);
  }
  const other = await ask({ 'if-none-match': '"x"' });
  assert.deepEqual([other.status, await other.text()], [200, await first.text()]);
});

test('a list comes page by page, whole and in order, and a cursor of another spelling is none', async () => {
  const names: string[] = [];
  let pages = 0;
  const read = (cursor: string | undefined) =>
    answerOf(client.GET('/v1/sites', { params: { query: { limit: 2, ...(cursor && { cursor }) } } }));
  for await (const { sites: page } of everyPage(read)) {
    pages++;
    names.push(...page.map(({ site }) => site));
  }
  assert.deepEqual([names, pages], [['hospital-a', 'hospital-b', 'hospital-c'], 2]);
  const revoked = await answerOf(client.GET('/v1/sites', { params: { query: { state: 'revoked' } } }));
  assert.deepEqual(
    revoked.sites.map(({ site }) => site),
    ['hospital-c'],
  );
  await assert.rejects(read('AB'), { code: 'MALFORMED', detail: /cursor/, hint: /./ });
});

test('a write under a key is done once, whoever asks how often; a key’s credential is told once', async () => {
  const operator = await answerOf(socket.POST('/v1/keys', { body: { name: 'ops', scope: 'operator' } }));
  const asking = createAdminClient({
    baseUrl: coordinator.running.httpUrl,
    credential: operator.credential,
  });
  const header = { 'idempotency-key': 'hold-1' };
  const first = await asking.POST('/v1/retention-hold', { params: { header } });
  const again = await asking.POST('/v1/retention-hold', { params: { header } });
  assert.deepEqual(again.data, first.data);
  assert.deepEqual(
    [first, again].map(({ response }) => response.headers.get('idempotency-replayed')),
    [null, 'true'],
  );
  const { entries } = await answerOf(
    socket.GET('/v1/audit-trail', { params: { query: { action: 'retention.hold', actor: 'ops' } } }),
  );
  assert.deepEqual(
    entries.map(({ outcome }) => outcome),
    ['done', 'begun'],
  );
  const folder = { params: { header }, body: { folder: '/x' } };
  await assert.rejects(asking.POST('/v1/backups', folder), { code: 'CONFLICTING_SUBMISSION' });
  // Another caller’s key is another one.
  const local = await socket.POST('/v1/retention-hold', { params: { header } });
  assert.equal(local.response.headers.get('idempotency-replayed'), null);
  const making = {
    ...{ params: { header: { 'idempotency-key': 'k' } } },
    body: { name: 'once', scope: 'read' as const },
  };
  await asking.POST('/v1/keys', making);
  await assert.rejects(asking.POST('/v1/keys', making), {
    ...{ code: 'CONFLICTING_SUBMISSION', detail: /told once/ },
  });
  const { keys } = await answerOf(socket.GET('/v1/keys'));
  assert.equal(keys.filter(({ name }) => name === 'once').length, 1);
  const bad = { params: { header: { 'idempotency-key': 'a key' } } };
  await assert.rejects(asking.POST('/v1/retention-hold', bad), { code: 'MALFORMED', status: 400 });
});

test('a job is checked without submitting it, with the place of each mistake', async () => {
  const check = (body: Record<string, unknown>) => answerOf(socket.POST('/v1/jobs/validate', { body }));
  const good = await check({ ...TEST_JOB, contributors: { minimum: 2, allowTwoSites: true } });
  assert.deepEqual(
    [good.ok, good.problems, good.summary?.sites, good.summary?.isRosterAdopted],
    [true, [], 2, true],
  );
  const bad = await check({ ...TEST_JOB, rounds: 0, colour: 'red' });
  assert.equal(bad.ok, false);
  assert.deepEqual(
    bad.problems.map(({ path, code }) => [path, code]),
    [
      ['rounds', 'CONFIG_INVALID'],
      ['', 'CONFIG_INVALID'],
    ],
  );
  assert.equal((await check({ ...TEST_JOB, job: 'x', threshold: 1000 })).problems[0]?.path, 'threshold');
});

test('nobody there is told as such', async () => {
  const gone = createAdminClient({ baseUrl: 'http://admin.sock', fetch: socketFetch('/nowhere/admin.sock') });
  await assert.rejects(gone.GET('/v1/status'), { code: 'UNAVAILABLE', status: 0 });
});
