// Who gets at the local page, and who does not: over a real port, with requests as anybody can make them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { composeSiteView } from '../view/compose-site-view.ts';
import { HOSTILE, sampleSources } from '../view/site-view.fixture.ts';
import { siteViewFormat } from '../view/site-view.ts';
import { html } from './html.ts';
import { createLocalServer, listenLocally } from './local-server.ts';
import { createTicket, PageAccess } from './page-access.ts';
import { createPageAddress, createPageSecret, removePageFile, writePageFile } from './page-file.ts';
import { renderPage } from './render-page.ts';

const directory = mkdtempSync(join(tmpdir(), 'blindsum-page-'));
const secret = createPageSecret();
const time = { nowMs: 1_000_000 };
const NONCE = new Uint8Array(16).fill(7);
const failures: unknown[] = [];
const state = { isBroken: false };

const app = await createLocalServer({
  secret,
  readView: async () => {
    if (state.isBroken) throw new Error('a secret of the inside');
    return composeSiteView(sampleSources());
  },
  nowMs: () => time.nowMs,
  failed: (error) => failures.push(error),
});
app.get('/metrics', async () => 'blindsum 1\n');
const port = await listenLocally(app, 0);
writePageFile(directory, { port, secret });
after(async () => {
  await app.close();
  rmSync(directory, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

async function openSession(): Promise<string> {
  const address = new URL(createPageAddress(directory, time.nowMs));
  const { status, headers } = await ask(address.pathname);
  assert.equal(status, 303);
  return String(headers['location']);
}

test('a ticket opens the page once, and only for its minutes', async () => {
  const { pathname } = new URL(createPageAddress(directory, time.nowMs));
  assert.equal((await ask(pathname)).status, 303);
  assert.equal((await ask(pathname)).status, 403);
  const late = createTicket(secret, time.nowMs, NONCE);
  time.nowMs += 5 * 60_000;
  assert.equal((await ask(`/open/${late}`)).status, 403);
});

test('a session shows the page, for hours, and no other text does', async () => {
  const session = await openSession();
  const { status, headers, body } = await ask(session);
  assert.equal(status, 200);
  assert.match(body, /hospital-a/);
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['set-cookie'], undefined);
  const { body: json } = await ask(`${session}view.json`);
  siteViewFormat.parse(JSON.parse(json));
  for (const asset of ['page.css', 'sections.css', 'page.js', 'icon.svg'])
    assert.equal((await ask(`${session}${asset}`)).status, 200, asset);
  const ticket = createTicket(secret, time.nowMs, NONCE);
  const stranger = createTicket(createPageSecret(), time.nowMs, NONCE);
  const genuine = session.slice(3, -1);
  const forged = `${genuine.slice(0, -1)}${genuine.endsWith('A') ? 'E' : 'A'}`;
  for (const pass of [ticket, stranger, 'x', forged]) {
    const refused = await ask(`/s/${pass}/`);
    assert.equal(refused.status, 403);
    assert.doesNotMatch(refused.body, /hospital-a/);
  }
  time.nowMs += 12 * 3_600_000;
  assert.equal((await ask(session)).status, 403);
});

test('a name that was made to point here gets nothing, whatever it knows', async () => {
  const session = await openSession();
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port}.evil.example`])
    assert.equal((await ask(session, { host })).status, 421, host);
  assert.equal((await ask(session, { host: `localhost:${port}` })).status, 200);
});

test('what another page asks for is refused', async () => {
  const session = await openSession();
  for (const site of ['cross-site', 'same-site'])
    assert.equal((await ask(session, { 'sec-fetch-site': site })).status, 403, site);
  assert.equal((await ask(session, { origin: 'http://127.0.0.1:9' })).status, 403);
  assert.equal((await ask(session, { 'sec-fetch-site': 'same-origin' })).status, 200);
});

test('nothing can be changed', async () => {
  const session = await openSession();
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    assert.equal((await ask(session, {}, method)).status, 405, method);
});

test('programs need the secret of the file, also for routes that others add', async () => {
  for (const path of ['/view.json', '/metrics']) {
    assert.equal((await ask(path)).status, 401, path);
    assert.equal((await ask(path, { authorization: `Bearer ${createPageSecret()}` })).status, 401);
    assert.equal((await ask(path, { authorization: `Bearer ${secret}` })).status, 200, path);
  }
  assert.equal((await ask('/nothing')).status, 404);
});

test('what goes wrong inside is told to the agent and not to the asker', async () => {
  const session = await openSession();
  state.isBroken = true;
  const { status, body } = await ask(session);
  state.isBroken = false;
  assert.equal(status, 500);
  assert.doesNotMatch(body, /secret of the inside/);
  assert.match(String(failures.at(-1)), /secret of the inside/);
});

test('a session that is guessed at costs nothing: passes are 256 bits of MAC', () => {
  const access = new PageAccess(secret, () => 0);
  const ticket = createTicket(secret, 0, NONCE);
  const [expires, nonce, mac] = ticket.split('.') as [string, string, string];
  const forged = [
    `${Number(expires) + 1}.${nonce}.${mac}`,
    `${expires}.${'A'.repeat(22)}.${mac}`,
    `${expires}.${nonce}.${'A'.repeat(43)}`,
    `0${ticket}`,
    `${ticket}=`,
    '',
  ];
  for (const pass of forged) assert.equal(access.redeem(pass, NONCE), undefined, pass);
  assert.equal(access.isSession(ticket), false);
  assert.equal(access.isBearer(undefined), false);
  assert.ok(access.redeem(ticket, NONCE));
});

test('the file with the secret is the owner’s alone, and is gone when the agent ends', () => {
  assert.equal(statSync(join(directory, 'local-page.json')).mode & 0o777, 0o600);
  removePageFile(directory);
  assert.throws(() => createPageAddress(directory, 0), { code: 'NOT_FOUND' });
  writePageFile(directory, { port, secret });
});

test('a port that is taken is a mistake of the configuration', async () => {
  const second = await createLocalServer({
    ...{ secret, nowMs: () => 0, failed: () => undefined },
    readView: async () => composeSiteView(sampleSources()),
  });
  await assert.rejects(listenLocally(second, port), { code: 'CONFIG_INVALID' });
  await second.close();
});

test('what others wrote is text on the page, never markup', () => {
  const page = renderPage(composeSiteView(sampleSources()));
  assert.ok(!page.includes(HOSTILE));
  assert.ok(page.includes('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;'));
  assert.equal(page.match(/<script/g)?.length, 1);
  assert.doesNotMatch(page, / style=| on[a-z]+=/);
  assert.equal(
    html`<i title="${`"><b>`}">${['<', html`<hr />`, 1, false, undefined]}</i>`.text,
    '<i title="&quot;&gt;&lt;b&gt;">&lt;<hr />1</i>',
  );
});
