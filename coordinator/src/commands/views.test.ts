// The commands that look at a running coordinator, over its socket and over HTTPS with an API key.
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Refusal } from '@blindsum/proto';
import { EXIT } from '@blindsum/proto';
import { Problem } from '@blindsum/admin-client';
import { API_HINTS } from '@blindsum/proto/command-line';
import {
  admitTestSite,
  startTestCoordinator,
  TEST_JOB,
  type TestCoordinator,
  type TestSite,
} from '../federation.fixture.ts';
import { submitTestJob } from '../submitted-job.fixture.ts';
import { adoptRoster } from '../adoption.fixture.ts';
import { createKey } from './keys.ts';
import type { Output } from './operator.ts';
import { connect, type Target } from './target.ts';
import { listTrail } from './trail-view.ts';
import { validate } from './validate.ts';
import * as views from './views.ts';
import { watchJob } from './watch.ts';

let coordinator: TestCoordinator;
let folder: string;
let sites: TestSite[];
let targets: Record<'socket' | 'https', Target>;

/** What a command prints. */
async function printed(json: boolean, act: (output: Output) => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  await act({ json, print: (line) => void lines.push(line) });
  return lines.join('\n');
}

async function issueKey(scope: string): Promise<string> {
  const path = join(folder, `${scope}.key`);
  const { credential } = JSON.parse(
    await printed(true, (output) => createKey(targets.socket, { name: scope, scope }, output)),
  ) as { credential: string };
  await writeFile(path, `${credential}\n`, { mode: 0o600 });
  return path;
}

before(async () => {
  coordinator = await startTestCoordinator();
  folder = await mkdtemp(join(tmpdir(), 'bs-views-'));
  sites = [];
  for (const name of ['hospital-a', 'hospital-b', 'hospital-c'])
    sites.push(await admitTestSite(coordinator, name));
  const { stateDirectory } = coordinator.config;
  const config = join(folder, 'coordinator.yaml');
  await writeFile(config, `federation: test.example\nstateDirectory: ${stateDirectory}\n`);
  targets = { socket: config, https: config };
  await adoptRoster(coordinator, sites);
  await submitTestJob(coordinator.admin);
  const server = coordinator.running.httpUrl;
  const ca = join(stateDirectory, 'identity/authority.pem');
  targets = { ...targets, https: { server, apiKeyFile: await issueKey('operator'), ca } };
});

after(async () => {
  for (const site of sites) site.close();
  await coordinator.remove();
  await rm(folder, { recursive: true });
});

const COMMANDS: Readonly<
  Record<string, [(target: Target, output: Output) => Promise<unknown>, RegExp, string]>
> = {
  federation: [
    views.showFederation,
    /^federation {4}test\.example, .*\nauthority {5}SHA-256 /,
    'authorityFingerprint',
  ],
  health: [views.showHealth, /^ok {4}coordinator .*\n(?:.*\n)*\d+ checks: 0 failed/, 'findings'],
  'sites list': [
    (target, output) => views.listSites(target, undefined, output),
    /^site {8}state .*\nhospital-a {2}(?:on|off)line .*\nhospital-b .*\nhospital-c /,
    'sites',
  ],
  'sites show': [
    (target, output) => views.showSite(target, 'hospital-a', output),
    /\nfingerprint (?:[0-9a-f]{4}-){9}/,
    'jobs',
  ],
  contributions: [
    (target, output) => views.listContributions(target, 'hospital-a', output),
    /^hospital-a was in no round yet$/,
    'contributions',
  ],
  'jobs show': [
    (target, output) => views.showJob(target, TEST_JOB.job, output),
    /\nhospital-c {2}not yet$/,
    'members',
  ],
  rounds: [
    (target, output) => views.listRounds(target, { job: TEST_JOB.job, round: undefined }, output),
    /has no round yet$/,
    'rounds',
  ],
  models: [views.listModels, /^no model is public$/, 'models'],
  storage: [views.showStorage, /^disk {8}ok, .* free/, 'totalBytes'],
  'audit-trail list': [
    (target, output) => listTrail(target, { limit: '3' }, output),
    /^entry {2}when .*\n(?:.*\n){3}there are more/,
    'entries',
  ],
};

describe('what an operator looks at', () => {
  for (const [name, [look, text, field]] of Object.entries(COMMANDS))
    for (const way of ['socket', 'https'] as const)
      test(`${name}, over ${way}: a table for people, the document of the API as JSON`, async () => {
        assert.match(await printed(false, (output) => look(targets[way], output)), text);
        const document = JSON.parse(await printed(true, (output) => look(targets[way], output))) as object;
        assert.ok(field in document, Object.keys(document).join(' '));
      });

  test('sites are filtered by what the API knows, and its refusal is that of the command', async () => {
    assert.equal(
      await printed(false, (output) => views.listSites(targets.https, 'revoked', output)),
      'no site was admitted',
    );
    await assert.rejects(
      printed(false, (output) => views.showSite(targets.https, 'nobody', output)),
      {
        code: 'NOT_FOUND',
      },
    );
  });
});

describe('a coordinator elsewhere', () => {
  const at = (changes: object): Target => ({ ...(targets.https as object), ...changes }) as Target;
  const refusal = (target: Target) =>
    views.showStorage(target, { json: true, print: () => undefined }).then(
      () => 'none',
      (error: unknown) => (error as Refusal).code,
    );

  test('a key may do what its scope says', async () => {
    const reading = at({ apiKeyFile: await issueKey('read') });
    assert.equal(await refusal(reading), 'none');
    const client = await connect(reading);
    const params = { path: { job: TEST_JOB.job } };
    await assert.rejects(client.POST('/v1/jobs/{job}/pause', { params }), { code: 'NOT_ALLOWED' });
    assert.equal(await refusal(at({ apiKeyFile: await wrongKey() })), 'UNAUTHENTICATED');
  });

  async function wrongKey(): Promise<string> {
    const path = join(folder, 'wrong.key');
    await writeFile(path, `bsk_${'0'.repeat(16)}_${'0'.repeat(64)}`, { mode: 0o600 });
    return path;
  }

  test('a key file that others can read, and an address that is none or in the clear, are refused before anything is sent', async () => {
    const open = join(folder, 'read.key');
    await chmod(open, 0o644);
    assert.equal(await refusal(at({ apiKeyFile: open })), 'CONFIG_INVALID');
    for (const server of ['coordinator:7480', 'http://192.0.2.1:7480', 'https://x/v1', 'ftp://x'])
      assert.equal(await refusal(at({ server })), 'CONFIG_INVALID', server);
  });

  test('what the coordinator refuses keeps what it says to do', async () => {
    await assert.rejects(
      views.showJob(targets.https, 'nothing', { json: true, print: () => {} }),
      (error: Refusal) => {
        assert.deepEqual([error.code, error.cause instanceof Problem], ['NOT_FOUND', true]);
        assert.equal((error.cause as Problem).hint, API_HINTS.NOT_FOUND);
        return true;
      },
    );
  });

  test('nobody there is UNAVAILABLE, over both ways', async () => {
    assert.equal(await refusal(at({ server: 'https://127.0.0.1:1' })), 'UNAVAILABLE');
    const idle = join(folder, 'idle.yaml');
    await writeFile(idle, 'federation: test.example\nstateDirectory: nothing\n');
    assert.equal(await refusal(idle), 'UNAVAILABLE');
  });
});

describe('validate', () => {
  const check = (options: object, file: object = TEST_JOB) =>
    printed(true, async (output) => {
      const path = join(folder, 'job.yaml');
      await writeFile(path, JSON.stringify(file));
      await validate(
        path,
        { sites: undefined, configPath: undefined, target: undefined, ...options },
        output,
      );
    });

  test('says the same here and where the coordinator runs, over both ways', async () => {
    const here = JSON.parse(await check({ sites: sites.length })) as object;
    for (const target of Object.values(targets))
      assert.deepEqual(JSON.parse(await check({ target })), { ...here, isRosterAdopted: true });
  });

  test('names the file and the place of a mistake that the coordinator finds, with its code', async () => {
    const contributors = { minimum: 9 };
    await assert.rejects(
      check({ target: targets.https }, { ...TEST_JOB, contributors }),
      (error: Refusal) => {
        assert.match(`${error.code} ${error.detail}`, /^[A-Z_]+ job\.yaml: .*minimum/);
        return true;
      },
    );
  });

  test('takes no size of a roster where there is one', async () => {
    const asked = check({ target: targets.socket, sites: 4 });
    await assert.rejects(asked, { code: 'CONFIG_INVALID', detail: /^--sites: / });
  });
});

describe('jobs watch', () => {
  for (const [name, columns] of [
    ['a terminal', 60],
    ['a file', undefined],
  ] as const)
    test(`shows on ${name} what happens to a job until it ends`, async () => {
      const job = `watched-${columns ?? 'file'}`;
      await submitTestJob(coordinator.admin, { job });
      let shown = '';
      const output = { json: false, print: (line: string) => void (shown += `${line}\n`) };
      const screen = { columns, write: (text: string) => void (shown += text) };
      const status = watchJob(targets.https, job, { output, screen });
      const client = await connect(targets.socket);
      const params = { path: { job } };
      await client.POST('/v1/jobs/{job}/cancel', { params, body: { reason: 'enough' } });
      assert.equal(await status, EXIT.failed);
      assert.match(shown, /cancelled/);
      // The cursor goes up by what was drawn, on terminals alone.
      assert.equal(shown.includes('\u001b['), columns !== undefined);
    });
});
