// The files that `init` writes: everything there is, with the defaults that the programs have.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import type { z } from 'zod';
import { EXIT } from '@blindsum/proto';
import {
  configFormat as coordinatorFormat,
  loadConfig as loadCoordinator,
} from '../coordinator/src/config.ts';
import { encodeConfiguration } from '../coordinator/src/init/write-configuration.ts';
import { configFormat as siteFormat, loadConfig as loadSite } from '../participant/src/config.ts';
import { encodeSiteFiles } from '../participant/src/init/write-site-files.ts';
import { loadPolicy, NOTHING_ALLOWED, policyFormat } from '../participant/src/policy/policy.ts';
import { findFreePorts } from '../scripts/demonstration/free-ports.ts';
import { settingsOf, uncomment, writtenIn } from './fixtures/settings.ts';

const ROOT = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'bs-init-'));
after(() => rm(folder, { recursive: true }));

const COORDINATOR = { federation: 'test.example', advertise: undefined, listenHttp: '127.0.0.1:7480' };
const SITE = { site: 'hospital-a', federation: 'test.example', train: 'rows.csv' };

const files = await encodeSiteFiles(SITE);
const templates: readonly [string, string, z.ZodType][] = [
  ['coordinator.yaml', await encodeConfiguration(COORDINATOR), coordinatorFormat],
  ['site.yaml', files.config, siteFormat],
  ['policy.yaml', files.policy, policyFormat],
];

/** JSON knows no Infinity: it stands for `all` and `unlimited`. */
const shownAs = (value: unknown) => (value === Infinity || value === null ? 'all' : value);

for (const [name, text, format] of templates) {
  test(`${name} names every setting, and no other`, () => {
    const settings = settingsOf(format);
    const written = writtenIn(parse(uncomment(text)) as object, new Set(settings.keys()));
    assert.deepEqual(written.map(([path]) => path).toSorted(), [...settings.keys()].toSorted());
  });

  test(`${name} shows the defaults that the program has`, () => {
    const settings = settingsOf(format);
    const written = writtenIn(parse(uncomment(text)) as object, new Set(settings.keys()));
    const compared = written.filter(([path]) => settings.get(path) !== undefined);
    assert.ok(compared.length >= 5, 'nothing was compared');
    for (const [path, value] of compared) assert.deepEqual(value, shownAs(settings.get(path)), path);
  });

  test(`${name} says of every setting what it is for`, () => {
    const lines = text.split('\n');
    const isSetting = (line: string | undefined) => /^ *#?[a-zA-Z]+:/.test(line ?? '');
    const isSaid = (at: number) => {
      // Settings of one kind share the comment before the first of them.
      let before = at - 1;
      while (isSetting(lines[before])) before--;
      return /^ *# /.test(lines[before] ?? '');
    };
    const unsaid = lines.filter((line, i) => isSetting(line) && !isSaid(i) && !/:$/.test(line.trimEnd()));
    assert.deepEqual(unsaid, []);
  });
}

test('the operator’s manual has every setting of coordinator.yaml', async () => {
  const manual = await readFile(join(ROOT, 'docs/coordinator.md'), 'utf8');
  const isNamed = (path: string) => {
    const [group, last] = [path.slice(0, path.lastIndexOf('.')), path.slice(path.lastIndexOf('.') + 1)];
    // Settings of one group share a row, where the later ones stand without it.
    return [path, `.${last}`, group.replace(/^.*(?=\.)/, '')].some(
      (name) => name !== '' && manual.includes(`\`${name}\``),
    );
  };
  const unnamed = [...settingsOf(coordinatorFormat).keys()].filter((path) => !isNamed(path));
  assert.deepEqual(unnamed, []);
});

function run(program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(join(ROOT, program), args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('init of the coordinator writes what its own parser reads, says what comes next, and overwrites nothing', async () => {
  const args = ['init', '--dir', 'c', '--federation', 'test.example', '--advertise', 'c.example:7443'];
  const made = run('coordinator/bin/blindsum-coordinator', ...args);
  assert.equal(made.status, EXIT.ok, made.stderr);
  assert.match(made.stdout, /blindsum-coordinator serve --config c\/coordinator\.yaml/);
  const config = await loadCoordinator(join(folder, 'c/coordinator.yaml'));
  assert.deepEqual(
    [config.federation, config.advertise, config.listen],
    ['test.example', 'c.example:7443', { grpc: '0.0.0.0:7443', http: '127.0.0.1:7480' }],
  );
  const before = await readFile(join(folder, 'c/coordinator.yaml'), 'utf8');
  const again = run('coordinator/bin/blindsum-coordinator', ...args.with(4, 'other.example'));
  assert.equal(again.status, EXIT.usage);
  assert.match(
    again.stderr,
    /CONFIG_INVALID: c\/coordinator\.yaml: is there already, and was left as it is\n$/,
  );
  assert.equal(await readFile(join(folder, 'c/coordinator.yaml'), 'utf8'), before);
  const wrong = run('coordinator/bin/blindsum-coordinator', 'init', '--dir', 'd', '--federation', 'No Name');
  assert.deepEqual([wrong.status, await readdir(folder)], [EXIT.usage, ['c']]);
});

test('init of a site writes a policy that allows nothing, and neither file if one is there', async () => {
  const args = ['init', '--dir', 's', '--site', 'hospital-a', '--federation', 'test.example'];
  const made = run('participant/bin/blindsum-site', ...args, '--train', 'my: "rows".csv', '--json');
  assert.equal(made.status, EXIT.ok, made.stderr);
  const { config, policy } = JSON.parse(made.stdout) as { config: string; policy: string };
  const loaded = await loadSite(join(folder, config));
  assert.deepEqual(
    [loaded.site, loaded.federation, loaded.data.file],
    ['hospital-a', 'test.example', join(folder, 's/my: "rows".csv')],
  );
  assert.deepEqual(await loadPolicy(join(folder, policy)), NOTHING_ALLOWED);
  await rm(join(folder, 's/policy.yaml'));
  assert.equal(run('participant/bin/blindsum-site', ...args).status, EXIT.usage);
  assert.deepEqual(await readdir(join(folder, 's')), ['site.yaml']);
  await writeFile(join(folder, 'token'), 'no token');
  assert.notEqual(run('participant/bin/blindsum-site', 'init', '--token-file', 'token').status, EXIT.ok);
});

test('init --start serves at once, with the first API key in a file of its own', async () => {
  const [grpc = 0, http = 0] = await findFreePorts(2);
  const settings = ['--advertise', `127.0.0.1:${grpc}`, '--listen-http', `127.0.0.1:${http}`];
  const args = ['init', '--start', '--dir', 'started', '--federation', 'test.example', ...settings];
  const child = spawn(join(ROOT, 'coordinator/bin/blindsum-coordinator'), args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (shown.includes(' ready; ')) child.kill('SIGTERM');
  });
  assert.deepEqual(await ended, [EXIT.ok, null], shown);
  assert.match(shown, /What comes next:\n(?:.*\n)*blindsum-coordinator: federation test\.example ready; /);
  const key = join(folder, 'started/operator.key');
  assert.match(await readFile(key, 'utf8'), /^bsk_[0-9a-f]{16}_\S+\n$/);
  assert.equal((await stat(key)).mode & 0o777, 0o600);
  assert.ok(!shown.includes('bsk_'));
});
