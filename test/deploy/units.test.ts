// The systemd units: what systemd itself says of them where it is installed, and what they must contain everywhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { EXIT } from '@blindsum/proto';
import { loadConfig as loadCoordinatorConfig } from '../../coordinator/src/config.ts';
import { loadConfig as loadSiteConfig } from '../../participant/src/config.ts';
import { programOf, readDeployed, ROOT } from './files.ts';

const INSTALLED = '/opt/blindsum';
const LOADERS = { coordinator: loadCoordinatorConfig, site: loadSiteConfig };
const NAMES = ['coordinator', 'site'] as const;

const REQUIRED = {
  Restart: 'on-failure',
  StateDirectoryMode: '0700',
  NoNewPrivileges: 'yes',
  ProtectSystem: 'strict',
  ProtectHome: 'yes',
  PrivateTmp: 'yes',
  LimitCORE: '0',
  CapabilityBoundingSet: '',
};

/** After which nothing is started again: what only a person can mend, and nobody else can bring about. */
const FINAL = { coordinator: [EXIT.usage, EXIT.evidence], site: [EXIT.usage] };

/** Sections with their settings; throws for a line that is none, and for a setting that is there twice. */
function parseUnit(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
    const title = /^\[([A-Z][a-z]+)\]$/.exec(line)?.[1];
    const [, name, value] = /^([A-Z][A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (title !== undefined) {
      section = new Map<string, string>();
      sections.set(title, section);
    } else if (section === undefined || name === undefined || value === undefined || section.has(name))
      throw new Error(`not a line of a unit: ${line}`);
    else section.set(name, value);
  }
  return sections;
}

for (const name of NAMES) {
  const file = `blindsum-${name}.service`;
  const text = readDeployed(`systemd/${file}`);

  test(`${file} starts a program that exists, confined, and again when it fails`, () => {
    const unit = parseUnit(text);
    assert.deepEqual([...unit.keys()], ['Unit', 'Service', 'Install']);
    const service = unit.get('Service')!;
    for (const [setting, value] of Object.entries(REQUIRED))
      assert.equal(service.get(setting), value, setting);
    assert.equal(service.get('RestartPreventExitStatus'), FINAL[name].join(' '));
    assert.ok(service.has('User'));
    // V8 compiles to memory that it then executes.
    assert.ok(!service.has('MemoryDenyWriteExecute'));
    const [program = '', command] = service.get('ExecStart')!.split(' ');
    programOf(program, INSTALLED);
    assert.equal(command, { coordinator: 'serve', site: 'run' }[name]);
  });

  test(`${file} may write where the sample keeps its state, and reads the sample where it is installed`, async () => {
    const service = parseUnit(text).get('Service')!;
    const { stateDirectory } = await LOADERS[name](join(ROOT, `deploy/samples/${name}.yaml`));
    assert.equal(stateDirectory, `/var/lib/${service.get('StateDirectory')}`);
    assert.equal(service.get('ExecStart')!.split(' --config ')[1], `/etc/blindsum/${name}.yaml`);
  });
}

const version = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
const missing = version.status === 0 ? false : 'systemd-analyze is not installed';

test('systemd finds nothing wrong with the units', { skip: missing }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'blindsum-units-'));
  try {
    const files = NAMES.map((name) => join(folder, `blindsum-${name}.service`));
    for (const file of files) {
      const text = readDeployed(`systemd/${basename(file)}`);
      // systemd wants the program to be there.
      writeFileSync(file, text.replaceAll(`${INSTALLED}/`, `${ROOT}/`));
    }
    const { status, stderr, stdout } = spawnSync('systemd-analyze', ['verify', ...files], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.equal(stdout + stderr, '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
