// Every secret of identity that a coordinator and a site hold or are shown, looked for in what they log, answer and write: none is
// there in any spelling, whatever goes right or wrong. A control shows that the search finds what is there.
import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeInvitation, Invitation, parseInvitation } from '@blindsum/proto';
import { readKeyFile } from '@blindsum/proto/node';
import { parseSkey } from '@blindsum/proto/tlog';
import { answerOf } from '@blindsum/admin-client';
import {
  FEDERATION,
  startTestCoordinator,
  type TestCoordinator,
} from '../coordinator/src/federation.fixture.ts';
import { enroll } from '../participant/src/commands/enroll.ts';
import { loadConfig } from '../participant/src/config.ts';
import { readCsv } from '../participant/src/data/csv-source.ts';
import { loadPolicy } from '../participant/src/policy/policy.ts';
import { searchFiles, spellings } from './end-to-end/secret-search.ts';
import { TEST_JOB } from './fixtures/federation.ts';

const folder = await mkdtemp(join(tmpdir(), 'bs-marked-'));
const at = (name: string) => join(folder, name);
const mark = () => `mark-${randomBytes(12).toString('hex')}`;
/** Chosen by people: text. */
const words = { coordinator: mark(), site: mark(), column: mark(), row: mark() };
const secrets = new Map<string, Buffer>();
const publics = new Map<string, Buffer>();
/** What is told to people at the site and over HTTP, with the coordinator's own log. */
let said = '';
let coordinator: TestCoordinator;

/** Hexadecimal digits are how it is written; the bytes are what it says. */
const add = (name: string, hex: string): void => {
  for (const [spelling, bytes] of spellings(name, Buffer.from(hex, 'hex'))) secrets.set(spelling, bytes);
};
const addText = (name: string, text: string): void => {
  secrets.set(name, Buffer.from(text));
  secrets.set(`${name} (base64)`, Buffer.from(Buffer.from(text).toString('base64').replace(/=+$/, '')));
};
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const scalarOf = (pem: string) =>
  hexOf(Buffer.from(createPrivateKey(pem).export({ format: 'jwk' }).d!, 'base64url'));
const issueKey = () =>
  answerOf(coordinator.admin.POST('/v1/keys', { body: { name: 'console', scope: 'operator' } }));

before(async () => {
  await writeFile(at('words'), words.coordinator, { mode: 0o600 });
  const keys = { passphrase: { file: at('words') } };
  await mkdir(at('coordinator'));
  coordinator = await startTestCoordinator(
    {},
    { logging: { level: 'debug' }, keys, stateDirectory: at('coordinator') },
  );
  for (const [name, text] of Object.entries(words)) addText(`words of ${name}`, text);
  await useCredentials();
  await enrolSite();
  await readRows();
  await coordinator.running.stop();
  await addKeys();
  said += coordinator.lines.join('');
});

after(async () => {
  await rm(folder, { recursive: true });
  assert.deepEqual(coordinator.crashes, []);
});

/** API keys and a session: made, used, used wrongly, changed and ended. */
async function useCredentials(): Promise<void> {
  add('bootstrap key', coordinator.running.bootstrapKey!.slice(-64));
  const made = await issueKey();
  const params = { path: { key: made.key } };
  const rotated = await answerOf(
    coordinator.admin.POST('/v1/keys/{key}/rotate', { params, body: { overlapMs: 60_000 } }),
  );
  publics.set('name of the API key', Buffer.from(made.key));
  for (const [name, { credential }] of Object.entries({ made, rotated }))
    add(`API key, ${name}`, credential.slice(-64));
  const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });
  const good = rotated.credential;
  const opened = await coordinator.get('/v1/session', { method: 'POST', headers: bearer(good) });
  const cookie = opened.headers.get('set-cookie')!.split(';', 1)[0]!;
  add('session', cookie.slice(-64));
  const headers = { cookie, origin: coordinator.running.httpUrl };
  const wrong = [{ cookie: `${cookie}0` }, bearer(`${good}0`), bearer(good.replace('bsk_', ''))];
  for (const init of [
    { headers },
    { headers: bearer(made.credential) },
    ...wrong.map((one) => ({ headers: one })),
  ])
    said += await (await coordinator.get('/v1/status', init)).text();
  for (const path of ['/v1/keys', '/v1/audit-trail'] as const)
    said += JSON.stringify(await answerOf(coordinator.admin.GET(path, {})).catch(String));
  await coordinator.admin.POST('/v1/keys/{key}/revoke', { params });
  said += await (await coordinator.get('/v1/session', { method: 'DELETE', headers })).text();
}

/** With the right token, with one that is made up, and with one for another site; its keys under a passphrase. */
async function enrolSite(): Promise<void> {
  const wish = { site: 'hospital-a', lifetimeMs: 60_000, replaces: false };
  const { token } = await answerOf(coordinator.admin.POST('/v1/invitations', { body: wish }));
  const { terms, secret } = parseInvitation(token);
  const madeUp = randomBytes(32);
  add('secret of the token', hexOf(secret));
  add('secret of a token that is made up', hexOf(madeUp));
  addText('token', token);
  await writeFile(at('site-words'), words.site, { mode: 0o600 });
  await writeFile(
    at('site.yaml'),
    `site: hospital-a\nfederation: ${FEDERATION}\nstateDirectory: site\ndata: { train: rows.csv }\n` +
      `network: { proxy: none }\nkeys: { passphrase: { file: site-words } }\npolicy: policy.yaml\n`,
  );
  await writeFile(at('policy.yaml'), `columns: [${words.column}]\n`);
  const config = await loadConfig(at('site.yaml'));
  await loadPolicy(config.policy!);
  const print = (_value: unknown, text: string) => void (said += text);
  for (const one of [encodeInvitation(new Invitation(terms, madeUp)), token])
    await enroll(config, { token: one }, print).catch((error: unknown) => void (said += String(error)));
  publics.set('site', Buffer.from('hospital-a'));
}

/** A row with a mistake is refused by its place. */
async function readRows(): Promise<void> {
  await writeFile(at('rows.csv'), `age,dose,ward,outcome\n61,${words.row},north,1\n`);
  await assert.rejects(readCsv(at('rows.csv'), TEST_JOB.data as never, 'any'), (error: unknown) => {
    said += String(error);
    return true;
  });
}

async function addKeys(): Promise<void> {
  const read = (path: string, passphrase: string) =>
    readKeyFile(at(path), { passphrase, program: 'x', whenMissing: 'x' });
  const ofCoordinator = (name: string) => read(`coordinator/${name}`, words.coordinator);
  const ofSite = (name: string) => read(`site/keys/${name}`, words.site);
  add('authority', scalarOf(await ofCoordinator('identity/authority.key')));
  add('record key', scalarOf(await ofCoordinator('log-keys/record-key.pem')));
  add('checkpoint key', hexOf(parseSkey((await ofCoordinator('log-keys/checkpoint.skey')).trimEnd()).seed));
  add('signing key of the site', (await ofSite('signing.key')).trim());
  add('sharing key of the site', (await ofSite('sharing.key')).trim());
  add('TLS key of the site', scalarOf(await ofSite('tls.key')));
}

test('what is logged and told holds no secret, and the search finds what is there', () => {
  assert.ok(secrets.size > 50, `${secrets.size}`);
  const text = Buffer.from(said);
  for (const [name, pattern] of secrets) assert.equal(text.indexOf(pattern), -1, name);
  assert.doesNotMatch(said, /PRIVATE KEY/);
  for (const [name, pattern] of publics) assert.notEqual(text.indexOf(pattern), -1, name);
  assert.match(said, /hospital-a may connect|enrolled/);
});

test('the coordinator’s files hold none either, under a passphrase not even its own', () => {
  assert.deepEqual(searchFiles(at('coordinator'), secrets), new Set());
  assert.notEqual(searchFiles(at('coordinator'), publics).size, 0);
});

test('a site’s files hold none of its keys, nor the words that open them', () => {
  assert.deepEqual(searchFiles(at('site'), secrets), new Set());
  assert.notEqual(searchFiles(at('site'), publics).size, 0);
});

test('keys without a passphrase would have been found', async () => {
  await mkdir(at('control'));
  const text = await readKeyFile(at('site/keys/signing.key'), {
    ...{ passphrase: words.site, program: 'x', whenMissing: 'x' },
  });
  await writeFile(at('control/signing.key'), text);
  assert.deepEqual(
    searchFiles(at('control'), secrets),
    new Set(['signing key of the site (hexadecimal) in signing.key']),
  );
});
