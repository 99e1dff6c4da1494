// A site's doctor against a real coordinator, and what is really broken.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServer, type Server } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { EXIT, parseInvitation, type Diagnosis } from '@blindsum/proto';
import { answerOf } from '@blindsum/admin-client';
import {
  FEDERATION,
  startTestCoordinator,
  type TestCoordinator,
} from '../coordinator/src/federation.fixture.ts';
import { createAuthorityKey, openAuthority } from '../coordinator/src/identity/authority.ts';
import { doctor } from '../participant/src/commands/doctor.ts';
import { enroll } from '../participant/src/commands/enroll.ts';
import { loadConfig } from '../participant/src/config.ts';
import { openSqliteJournal } from '../participant/src/journal/sqlite-journal.ts';
import { ALLOW_ALL } from './fixtures/policies.ts';
import { findFreePorts } from '../scripts/demonstration/free-ports.ts';

const SITE = 'hospital-a';
let coordinator: TestCoordinator;
let folder: string;
let path: string;

before(async () => {
  coordinator = await startTestCoordinator();
  folder = await mkdtemp(join(tmpdir(), 'bs-site-doctor-'));
  path = join(folder, 'site.yaml');
  await writeFile(join(folder, 'rows.csv'), 'a,b\n1,0\n');
  await writeFile(join(folder, 'policy.yaml'), JSON.stringify(ALLOW_ALL));
});

after(async () => {
  await coordinator.remove();
  await rm(folder, { recursive: true });
});

async function write(more = '', { policy = 'policy: policy.yaml\n', rows = 'rows.csv' } = {}): Promise<void> {
  const base = `site: ${SITE}\nfederation: ${FEDERATION}\nstateDirectory: state\ndata: { train: ${rows} }\n`;
  await writeFile(path, `${base}${policy}${more}`);
}

interface Seen extends Diagnosis {
  readonly status: number;
  readonly text: string;
}

async function look(): Promise<Seen> {
  let seen: Omit<Seen, 'status'> | undefined;
  const status = await doctor(path, (json, text) => void (seen = { ...(json as Diagnosis), text }));
  return { ...seen!, status };
}

const stateOf = ({ findings }: Diagnosis, check: string) =>
  findings.find((finding) => finding.check === check)?.state;
const foundOf = ({ findings }: Diagnosis, check: string) =>
  findings.find((finding) => finding.check === check)?.found ?? 'was not looked at';

/** Shows a certificate of another authority, as a proxy that opens TLS does. */
async function startInspection(): Promise<{ address: string; server: Server }> {
  const other = await openAuthority(FEDERATION, await createAuthorityKey(FEDERATION, Date.now()));
  const { privateKey, certificate } = await other.createServerIdentity(['127.0.0.1'], Date.now());
  const server = createServer({ key: privateKey, cert: certificate, ALPNProtocols: ['h2'] });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test('before it has enrolled, a site is told to', async () => {
  await write();
  const seen = await look();
  assert.deepEqual(
    [stateOf(seen, 'keys'), stateOf(seen, 'coordinator'), seen.status],
    ['unknown', 'unknown', EXIT.ok],
  );
  assert.match(seen.text, /-> have the operator invite this site/);
});

test('a site that has enrolled is well, and the coordinator says its version and time', async () => {
  const wish = { site: SITE, lifetimeMs: 60_000, replaces: false };
  const { token } = await answerOf(coordinator.admin.POST('/v1/invitations', { body: wish }));
  assert.ok(parseInvitation(token));
  await enroll(await loadConfig(path), { token }, () => undefined);
  const seen = await look();
  const wrong = seen.findings.filter(({ state }) => state !== 'ok');
  assert.deepEqual([wrong, seen.status], [[], EXIT.ok]);
  assert.match(foundOf(seen, 'coordinator'), /knows this site/);
  assert.match(foundOf(seen, 'clock'), /of the coordinator|ahead of the coordinator|behind the coordinator/);
});

test('the way to the coordinator: nobody there, somebody else there, a proxy that is not there', async () => {
  const [free = 0] = await findFreePorts(1);
  await write(`coordinator: 127.0.0.1:${free}\n`);
  const nobody = await look();
  assert.match(foundOf(nobody, 'way'), /^UNAVAILABLE: .*ECONNREFUSED/);
  assert.deepEqual([stateOf(nobody, 'coordinator'), nobody.status], [undefined, EXIT.failed]);
  const { address, server } = await startInspection();
  await write(`coordinator: ${address}\n`);
  assert.match(foundOf(await look(), 'way'), /shows no certificate of the authority in the grant/);
  server.close();
  await writeFile(join(folder, 'credentials'), 'user:word', { mode: 0o600 });
  await write(`network: { proxy: "http://127.0.0.1:${free}", proxyCredentialsFile: credentials }\n`);
  const proxied = await look();
  assert.equal(stateOf(proxied, 'way'), 'fail');
  assert.ok(!proxied.text.includes('word'));
});

test('files: rows, policy and keys', async () => {
  await write('', { rows: 'none.csv' });
  assert.match(foundOf(await look(), 'rows'), /none\.csv cannot be read \(there is no such file\)/);
  await write('', { policy: '' });
  assert.equal(stateOf(await look(), 'policy'), 'warn');
  await writeFile(join(folder, 'wrong.yaml'), 'jbs: []\n');
  await write('', { policy: 'policy: wrong.yaml\n' });
  assert.match(foundOf(await look(), 'policy'), /^CONFIG_INVALID: wrong\.yaml: .*jbs/);
  await write();
  const key = join(folder, 'state/keys/signing.key');
  await chmod(key, 0o640);
  const open = await look();
  assert.match(foundOf(open, 'secret files'), /signing\.key is open to others \(0640\)/);
  assert.equal(open.findings.find(({ check }) => check === 'secret files')?.advice, `chmod 600 ${key}`);
  await chmod(key, 0o600);
  await write('polcy: x\n');
  assert.deepEqual(
    (await look()).findings.map(({ check, state }) => [check, state]),
    [['configuration', 'fail']],
  );
});

test('a log that contradicted itself fails until a person has looked', async () => {
  await write();
  const journal = openSqliteJournal(join(folder, 'state/journal.sqlite'));
  journal.log.raise({ code: 'LOG_FORKED', detail: 'two trees', atMs: 1, evidence: 'x.json' });
  journal.close();
  const seen = await look();
  assert.deepEqual([stateOf(seen, 'log'), seen.status], ['fail', EXIT.failed]);
  await rm(join(folder, 'state/journal.sqlite'));
});

test('a site that was revoked is told whom to ask', async () => {
  const params = { path: { site: SITE } };
  await coordinator.admin.POST('/v1/sites/{site}/revoke', { params, body: { reason: 'unspecified' } });
  const seen = await look();
  assert.match(foundOf(seen, 'coordinator'), /^UNAUTHENTICATED: /);
  assert.match(seen.text, /ask the operator whether this site was revoked/);
});
