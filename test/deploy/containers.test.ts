// The images' build file and the composed federation. No engine runs here: what they refer to must exist and agree.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { loadConfig as loadCoordinatorConfig } from '../../coordinator/src/config.ts';
import { createAuthorityKey, openAuthority } from '../../coordinator/src/identity/authority.ts';
import { loadConfig as loadSiteConfig } from '../../participant/src/config.ts';
import { programOf, readDeployed, ROOT } from './files.ts';

const FOLDER = join(ROOT, 'deploy/container');
const SITES = ['hospital-a', 'hospital-b', 'hospital-c'];
const HOME = '/var/lib/blindsum';

interface Stage {
  readonly name: string;
  readonly base: string;
  readonly steps: readonly { readonly verb: string; readonly rest: string }[];
}

/** Stages of the Dockerfile with their instructions, continued lines joined. */
function parseStages(text: string): Stage[] {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  const stages: { name: string; base: string; steps: { verb: string; rest: string }[] }[] = [];
  for (const line of lines) {
    const [, verb = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    assert.notEqual(verb, '', `not an instruction: ${line}`);
    const [, base = '', name = ''] = /^(\S+) AS (\S+)$/.exec(rest) ?? [];
    if (verb === 'FROM') stages.push({ name, base, steps: [] });
    else stages.at(-1)!.steps.push({ verb, rest });
  }
  return stages;
}

const STAGES = parseStages(readDeployed('container/Dockerfile'));

function stepsOf(stage: Stage, verb: string): string[] {
  return stage.steps.filter((step) => step.verb === verb).map(({ rest }) => rest);
}

function stageOf(name: string): Stage {
  const stage = STAGES.find((each) => each.name === name);
  assert.ok(stage, `no stage ${name}`);
  return stage;
}

/** A line of .dockerignore: unlike a shell's, its star matches names that start with a dot. */
function toPattern(line: string): RegExp {
  const parts = line.split(/(\*\*\/|\*)/).map((part) => {
    if (part === '**/') return '(?:.*/)?';
    return part === '*' ? '[^/]*' : part.replaceAll('.', '\\.');
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** Whether .dockerignore lets a path of the checkout into the build; the last pattern that matches decides. */
function isInContext(path: string): boolean {
  const parents = path.split('/').map((_, i, names) => names.slice(0, i + 1).join('/'));
  let isIn = true;
  for (const line of readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const pattern = toPattern(line.replace(/^!/, ''));
    if (parents.some((each) => pattern.test(each))) isIn = line.startsWith('!');
  }
  return isIn;
}

test('each stage starts from one Node image with a tag, or from a stage before it', () => {
  const known: string[] = [];
  for (const { name, base } of STAGES) {
    assert.ok(known.includes(base) || base === 'node:24-bookworm-slim', base);
    known.push(name);
  }
});

test('everything that is copied into an image exists and is in the build context', () => {
  for (const stage of STAGES) {
    for (const copy of stepsOf(stage, 'COPY')) {
      const [, from, files = ''] = /^(?:--from=(\S+) )?(.+) \S+$/.exec(copy) ?? [];
      if (from !== undefined) stageOf(from);
      else
        for (const file of files.split(' '))
          assert.ok(existsSync(join(ROOT, file)) && isInContext(file), file);
    }
  }
});

test('each package of the lock file has its package.json in the build', () => {
  const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  const copied = stepsOf(stageOf('manifests'), 'COPY').join(' ');
  for (const workspace of workspaces) assert.ok(copied.includes(`${workspace}/package.json`), workspace);
});

test('the build context has the programs, and neither tests nor data nor state', () => {
  for (const path of ['proto/src/index.ts', 'proto/gen', 'coordinator/src/main.ts', 'scripts/launch'])
    assert.ok(isInContext(path), path);
  for (const path of [
    'node_modules/yaml',
    'coordinator/node_modules',
    'coordinator/src/config.test.ts',
    'examples/data/breast_cancer.csv',
    'state/coordinator/identity/authority.key',
    '.git/config',
  ])
    assert.ok(!isInContext(path), path);
});

test('each target runs a program that exists, as nobody special', () => {
  const programs = {
    coordinator: 'coordinator/bin/blindsum-coordinator',
    site: 'participant/bin/blindsum-site',
    auditor: 'auditor/bin/blindsum-audit',
  };
  for (const [target, program] of Object.entries(programs)) {
    const stage = stageOf(target);
    const [entry] = JSON.parse(stepsOf(stage, 'ENTRYPOINT')[0]!) as string[];
    assert.equal(programOf(entry!, '/app'), join(ROOT, program));
    const source = /--from=(\S+)/.exec(stepsOf(stage, 'COPY')[0]!)![1]!;
    assert.ok(stepsOf(stageOf(source), 'RUN').some((command) => command.startsWith(`${program} `)));
    assert.equal(stage.base, 'runtime');
  }
  assert.deepEqual(stepsOf(stageOf('runtime'), 'USER'), ['1000:1000']);
});

test('production packages alone are installed, from the lock file and without their scripts', () => {
  const installs = STAGES.flatMap((stage) => stepsOf(stage, 'RUN')).filter((run) => run.startsWith('npm'));
  assert.deepEqual(
    installs,
    ['coordinator', 'participant', 'auditor'].map(
      (name) => `npm ci --omit=dev --omit=optional --ignore-scripts --workspace @blindsum/${name}`,
    ),
  );
});

test('the health check passes while the coordinator answers well, over its own TLS, and at no other time', async () => {
  const authority = await openAuthority('test.example', await createAuthorityKey('test.example', Date.now()));
  const folder = await mkdtemp(join(tmpdir(), 'bs-health-'));
  after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'authority.pem'), authority.certificate);
  const { privateKey: key, certificate: cert } = await authority.createServerIdentity(
    ['127.0.0.1'],
    Date.now(),
  );
  let status = 200;
  const asked: string[] = [];
  const server = createServer({ key, cert }, ({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const command = stepsOf(stageOf('coordinator'), 'HEALTHCHECK')[0]!.split(' CMD ')[1] ?? '';
  const [env, variable, program, flag, script] = JSON.parse(command.replace(/^.*?CMD /, '')) as string[];
  assert.deepEqual([env, program, flag], ['env', 'node', '-e']);
  const { listen, stateDirectory } = await loadCoordinatorConfig(join(FOLDER, 'coordinator.yaml'));
  const inImage = `/var/lib/blindsum/${relative(FOLDER, stateDirectory)}/identity/authority.pem`;
  assert.equal(variable, `NODE_EXTRA_CA_CERTS=${inImage}`);
  assert.ok(script!.includes(listen.http));
  const ours = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const check = async (ca = 'authority.pem') => {
    const set = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, ca) };
    const child = spawn(process.execPath, ['-e', script!.replace(listen.http, ours)], {
      env: set,
      stdio: 'ignore',
    });
    return ((await once(child, 'exit')) as [number])[0];
  };
  assert.equal(await check(), 0);
  status = 503;
  assert.equal(await check(), 1);
  assert.equal(await check('none.pem'), 1);
  server.close();
  server.closeAllConnections();
  assert.equal(await check(), 1);
  assert.deepEqual(asked, ['/healthz', '/healthz']);
});

interface Service {
  readonly build: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
}

const COMPOSE = parse(readDeployed('container/compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

/** Source and target of each mount, with the example's folder for the variable. */
function mountsOf({ volumes }: Service): { source: string; target: string; mode: string | undefined }[] {
  return volumes.map((volume) => {
    const [source = '', target = '', mode] = volume.replace(/\$\{FEDERATION:-([^}]+)\}/, '$1').split(':');
    return { source, target, mode };
  });
}

test('the composed federation is a coordinator and three sites, confined, with the gRPC port alone published', async () => {
  assert.deepEqual(Object.keys(COMPOSE.services), ['coordinator', ...SITES]);
  for (const [name, { build, ports, read_only: isReadOnly, cap_drop: dropped }] of Object.entries(
    COMPOSE.services,
  )) {
    const isCoordinator = name === 'coordinator';
    assert.equal(stageOf(build.target).name, isCoordinator ? 'coordinator' : 'site');
    assert.equal(relative(ROOT, join(FOLDER, build.context)), '');
    assert.ok(existsSync(join(FOLDER, build.context, build.dockerfile)));
    assert.deepEqual(ports, isCoordinator ? ['127.0.0.1:7443:7443'] : undefined);
    assert.deepEqual([isReadOnly, dropped], [true, ['ALL']]);
  }
  const config = await loadCoordinatorConfig(join(FOLDER, 'coordinator.yaml'));
  assert.equal(config.listen.grpc, '0.0.0.0:7443');
  assert.equal(config.advertise, 'coordinator:7443');
});

test('each mounted file exists and cannot be written, and each volume is declared', () => {
  const used = new Set<string>();
  for (const service of Object.values(COMPOSE.services)) {
    for (const { source, mode } of mountsOf(service)) {
      if (source.startsWith('.')) assert.ok(existsSync(join(FOLDER, source)) && mode === 'ro', source);
      else used.add(source);
    }
  }
  assert.deepEqual([...used].sort(), Object.keys(COMPOSE.volumes).sort());
});

test('each site is given its own configuration, rows and state, and nobody else is', async () => {
  const { federation } = await loadCoordinatorConfig(join(FOLDER, 'coordinator.yaml'));
  for (const name of SITES) {
    const mounts = mountsOf(COMPOSE.services[name]!);
    const sourceOf = (path: string) => mounts.find(({ target }) => target === path)?.source ?? '';
    const config = await loadSiteConfig(join(FOLDER, sourceOf(`${HOME}/site.yaml`)));
    assert.equal(config.site, name);
    assert.equal(config.federation, federation);
    assert.equal(sourceOf(HOME), `${name}-state`);
    // Paths in the configuration are relative to it, in the container as in the examples.
    const example = join(ROOT, 'examples/breast-cancer');
    assert.equal(join(FOLDER, sourceOf(config.data.file.replace(example, HOME))), config.data.file);
    assert.ok(config.stateDirectory.startsWith(example));
    const others = SITES.filter((other) => other !== name);
    assert.ok(!others.some((other) => mounts.some(({ source }) => source.includes(other))));
  }
});

test('deploy/README.md names every file of the folder', () => {
  const readme = readDeployed('README.md');
  for (const path of globSync('*/*', { cwd: join(ROOT, 'deploy') })) assert.ok(readme.includes(path), path);
});
