// The command line as a process: exit statuses, and one line for each mistake.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EXIT, parseSiteRequest } from '@blindsum/proto';
import { TEST_JOB } from '../../test/fixtures/federation.ts';
import { ALLOW_ALL } from '../../test/fixtures/policies.ts';

const directory = await mkdtemp(join(tmpdir(), 'blindsum-cli-'));
after(() => rm(directory, { recursive: true }));

const MAIN = new URL('./main.ts', import.meta.url).pathname;

function site(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: directory,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

async function writeConfig(text: string): Promise<void> {
  await writeFile(join(directory, 'site.yaml'), text);
}

const CONFIG =
  'site: hospital-a\nfederation: test.example\nstateDirectory: state\ndata: { train: rows.csv }\n';

test('mistakes in the command and in the configuration are one line and status 2', async () => {
  const unknown = site('walk');
  assert.deepEqual([unknown.status, unknown.stderr], [2, "blindsum-site: USAGE: unknown command 'walk'\n"]);
  await writeConfig(`${CONFIG}polcy: {}\n`);
  const misspelt = site('status');
  assert.equal(misspelt.status, 2);
  assert.match(misspelt.stderr, /^blindsum-site: CONFIG_INVALID: site\.yaml: document: .*polcy.*\n$/);
});

test('keygen writes a request and prints the fingerprint; run then asks for the grant', async () => {
  await writeConfig(CONFIG);
  const made = site('keygen', '--json', '--out', 'request.json');
  assert.equal(made.status, 0, made.stderr);
  const { fingerprint } = JSON.parse(made.stdout) as { fingerprint: string };
  assert.match(fingerprint, /^[0-9a-f]{4}(-[0-9a-f]{4}){9}$/);
  assert.equal(parseSiteRequest(await readFile(join(directory, 'request.json'))).site, 'hospital-a');
  const early = site('run');
  assert.equal(early.status, 2);
  assert.match(early.stderr, /^blindsum-site: CONFIG_INVALID: .*grant\.json: cannot be read .*install.*\n$/);
});

test('what is not there yet is said, with what makes it', async () => {
  await writeConfig(CONFIG.replace('state\n', 'none\n'));
  for (const command of ['log show', 'receipts list', 'models list', 'log reset --reason seen']) {
    const { status, stderr } = site(...command.split(' '));
    assert.equal(status, 2);
    assert.match(stderr, /^blindsum-site: CONFIG_INVALID: .*none: there is no such folder; run .*enroll/);
  }
});

test('check says what the site would do, and what is wrong with its rows', async () => {
  await writeConfig(`${CONFIG}policy: policy.yaml\n`);
  await writeFile(join(directory, 'policy.yaml'), JSON.stringify(ALLOW_ALL));
  await writeFile(join(directory, 'job.yaml'), JSON.stringify(TEST_JOB));
  const rows = Array.from({ length: 10 }, (_, i) => `${30 + i},1.5,north,${i % 2}`);
  await writeFile(join(directory, 'rows.csv'), ['age,dose,ward,outcome', ...rows].join('\n'));
  const good = site('check', '--job', 'job.yaml');
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stdout, /Rows: 8 to train on, 2 held out; 0 values lie outside/);
  await writeFile(join(directory, 'policy.yaml'), JSON.stringify({ ...ALLOW_ALL, authors: [], jobs: [] }));
  const forbidden = site('check', '--job', 'job.yaml');
  assert.equal(forbidden.status, EXIT.decision);
  assert.match(
    forbidden.stderr,
    /^blindsum-site: POLICY_FORBIDS: policy\.jobs: the job is test-job, which is not listed\n$/,
  );
  await writeFile(join(directory, 'no-job.yaml'), 'job: a\n');
  assert.match(
    site('check', '--job', 'no-job.yaml').stderr,
    /CONFIG_INVALID: no-job\.yaml: data: is missing/,
  );
  await writeFile(join(directory, 'policy.yaml'), JSON.stringify({ ...ALLOW_ALL, jbs: [] }));
  assert.match(site('check', '--job', 'job.yaml').stderr, /CONFIG_INVALID: policy\.yaml: document: .*jbs/);
  await writeFile(join(directory, 'policy.yaml'), JSON.stringify(ALLOW_ALL));
  await writeFile(join(directory, 'rows.csv'), 'age,dose,outcome\n30,1,1\n');
  const bad = site('check', '--job', 'job.yaml');
  assert.equal(bad.status, 1);
  assert.match(
    bad.stderr,
    /^blindsum-site: DATA_INVALID: .*rows\.csv: line 1: column "ward" .* missing; .*\n$/,
  );
});
