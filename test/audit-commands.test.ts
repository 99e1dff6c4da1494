// The auditor's program as scripts use it: every command's help, first line, exit status and JSON.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { encodePublicKeyPem } from '@blindsum/proto/provenance';
import { createArchivedRounds, writeArchive } from '../auditor/src/archived-rounds.fixture.ts';
import { keepProof, POLICY_TEXT } from '../auditor/src/kept-proof.fixture.ts';
import { ALERTS } from '../auditor/src/monitor/alert.ts';
import { digestOf, JOB, RECORD_SIGNER, VKEY } from '../auditor/src/sample-log.fixture.ts';
import { writeSteadyLog } from '../auditor/src/steady-log.fixture.ts';

const PROGRAM = join(import.meta.dirname, '../auditor/bin/blindsum-audit');
const DOCUMENT = await readFile(join(import.meta.dirname, '../docs/auditor.md'), 'utf8');
const folder = await mkdtemp(join(tmpdir(), 'blindsum-commands-'));
after(() => rm(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

const { records, files } = createArchivedRounds([{}, {}]);
const log = await writeArchive(at('log'), writeSteadyLog(records));
const earlier = await writeArchive(at('earlier'), writeSteadyLog(records.slice(0, 5)));
const forked = await writeArchive(
  at('forked'),
  writeSteadyLog(records.map((record, i) => records[i - 1] ?? record)),
);
const archive = await writeArchive(at('blobs'), files);
const proof = keepProof(records, 4, ['one', 'two']);
await writeFile(at('4.sigstore.json'), proof.bundle);
await writeFile(at('4.tlog-proof'), proof.tlogProof);
await writeFile(at('4.json'), proof.record);
await writeFile(at('policy'), POLICY_TEXT);
await writeFile(at('record-key.pem'), encodePublicKeyPem(RECORD_SIGNER.publicKeySpki));
const charter = join(log, `records/${digestOf(records[0]!)}.json`);

async function audit(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  try {
    return { status: 0, ...(await promisify(execFile)(PROGRAM, args)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

const KEY = ['--vkey', VKEY];
/** Of each command: words that are in order, and the first line that they give. */
const IN_ORDER: Record<string, [args: string[], firstLine: RegExp]> = {
  fsck: [[log, ...KEY], /^OK: the log log\.example\.org is intact: 7 entries/],
  round: [
    [log, JOB, '1', ...KEY],
    /^Round 1 of job breast-cancer: VERIFIED\. 3 of 4 sites contributed; site 4 was late\.\n/,
  ],
  sum: [[log, JOB, '1', '--archive', archive, ...KEY], /^Round 1 of job breast-cancer: VERIFIED\. 3 of 4/],
  verify: [
    [at('4.sigstore.json'), '--policy', at('policy'), '--record-key', at('record-key.pem')],
    /^VERIFIED: round 0 of job breast-cancer: entry 4 of the log log\.example\.org, of 7 entries\.\n/,
  ],
  monitor: [[log, '--state', at('state'), ...KEY], /^OK: the log log\.example\.org has 7 entries/],
  compare: [
    [earlier, log, ...KEY],
    /^CONSISTENT: both show the log log\.example\.org; one is 2 entries ahead/,
  ],
  export: [
    [log, '--to', at('export.zip'), '--zip', ...KEY],
    /^EXPORTED: the log log\.example\.org with 7 entries/,
  ],
};

for (const [command, [args, firstLine]] of Object.entries(IN_ORDER)) {
  test(`${command}: what is in order ends with status 0, and its first line says so`, async () => {
    const { status, stdout, stderr } = await audit(command, ...args);
    assert.match(stdout, firstLine);
    assert.deepEqual([status, stderr], [0, '']);
  });

  test(`${command}: JSON has the fields that are documented, and no others`, async () => {
    await rm(at('export.zip'), { force: true });
    const { stdout } = await audit(command, ...args, '--json');
    const { schema, ...fields } = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(schema, `blindsum-audit/${command}/v1`);
    const row =
      DOCUMENT.split('## JSON')[1]!.match(new RegExp(`^\\| \`${command}\` \\| (.*) \\|$`, 'm'))?.[1] ?? '';
    const documented = [...row.matchAll(/`([a-zA-Z]+)`/g)].map(([, name]) => name!);
    assert.deepEqual(Object.keys(fields).sort(), documented.sort());
  });
}

test('every command has a help with an example of its own, and is in the documentation', async () => {
  const { stdout } = await audit('--help');
  const commands = [...stdout.split('Commands:')[1]!.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name!);
  assert.ok(commands.length >= 10, commands.join(' '));
  for (const command of commands.filter((name) => name !== 'help')) {
    const help = await audit(command, '--help');
    assert.equal(help.status, 0);
    assert.match(help.stdout, new RegExp(`\\nExample:\\n  blindsum-audit ${command} `), command);
    assert.match(DOCUMENT, new RegExp(`^\\| \`${command}[ \`]`, 'm'), command);
  }
});

test('it says which version it is', async () => {
  const { status, stdout } = await audit('--version');
  assert.match(stdout, /^[0-9]+\.[0-9]+\.[0-9]+\n$/);
  assert.equal(status, 0);
});

test('every alert is in the documentation', () => {
  for (const kind of Object.keys(ALERTS)) assert.ok(DOCUMENT.includes(`\`${kind}\``), kind);
});

test('a proof is verified with its record and the key of a charter, and fails without its witnesses', async () => {
  const trust = ['--vkey', VKEY, '--record-key', charter];
  const whole = await audit('verify', at('4.tlog-proof'), '--record', at('4.json'), ...trust);
  assert.match(whole.stdout, /^VERIFIED: round 0 of job breast-cancer/);
  const model = await audit('verify', at('4.sigstore.json'), ...trust, '--model', at('policy'));
  assert.match(model.stdout, /^FAILED: do not rely on it \(model\)\.\n/);
  assert.deepEqual([whole.status, model.status], [0, 1]);
});

test('what is wrong ends with status 1', async () => {
  const split = await audit('compare', log, forked);
  assert.match(split.stdout, /^SPLIT VIEW: the log log\.example\.org shows two histories/);
  const unpublished = await audit('round', log, JOB, '9');
  assert.match(unpublished.stdout, /^Round 9 of job breast-cancer: NOT PUBLISHED/);
  await audit('monitor', log, '--state', at('seen'));
  const shrunk = await audit('monitor', earlier, '--state', at('seen'));
  assert.match(shrunk.stdout, /^ALERT: 1 thing to look at .*\n {2}shrunk: /);
  assert.deepEqual([split.status, unpublished.status, shrunk.status], [1, 1, 1]);
});

test('wrong usage ends with status 2 and says what is wrong, what cannot be read with status 3', async () => {
  const wrong: [RegExp, ...string[]][] = [
    [/missing required argument 'round'/, 'round', log, JOB],
    [/CONFIG_INVALID: x is not a round number/, 'round', log, JOB, 'x'],
    [/CONFIG_INVALID: give the key of the log with --vkey, or a policy/, 'verify', at('4.sigstore.json')],
    [/CONFIG_INVALID: a \.tlog-proof needs its record/, 'verify', at('4.tlog-proof'), ...KEY],
    [
      /CONFIG_INVALID: --record-key: it is a round, not a charter/,
      'verify',
      at('4.json'),
      ...KEY,
      '--record-key',
      at('4.json'),
    ],
    [/CONFIG_INVALID: --to: .* is there already/, 'export', log, '--to', archive],
    [/CONFIG_INVALID: --watch: 0 is no number/, 'monitor', log, '--state', at('s'), '--watch', '0'],
    [/CONFIG_INVALID: --state: it is no file of this monitor/, 'monitor', log, '--state', at('policy')],
    [/required option '--to <path>' not specified/, 'export', log],
    [/CONFIG_INVALID: give either a round or --all/, 'sum', log, JOB, '1', '--all', '--archive', archive],
  ];
  for (const [message, ...args] of wrong) {
    const { status, stderr } = await audit(...args);
    assert.match(stderr, message);
    assert.equal(status, 2, args.join(' '));
  }
  for (const args of [
    ['round', at('nowhere'), JOB, '0'],
    ['compare', log, at('nowhere')],
    ['monitor', at('nowhere'), '--state', at('s')],
    ['export', at('nowhere'), '--to', at('out')],
    ['verify', at('nowhere'), ...KEY],
  ])
    assert.equal((await audit(...args)).status, 3, args.join(' '));
});

test('a monitor that watches tells what comes, and goes on when the log cannot be read', async () => {
  const watched = at('watched');
  await cp(earlier, watched, { recursive: true });
  const child = spawn(PROGRAM, [
    'monitor',
    watched,
    '--state',
    at('watched.state'),
    '--watch',
    '1',
    '--json',
  ]);
  const reports: { from: number; size: number; ok: boolean }[] = [];
  for await (const line of createInterface(child.stdout)) {
    reports.push(JSON.parse(line) as (typeof reports)[number]);
    if (reports.length === 1) {
      await rm(join(watched, 'checkpoint'));
      await new Promise((resolve) => child.stderr.once('data', resolve));
      await cp(log, watched, { recursive: true });
    }
    if (reports.length === 2) child.kill('SIGTERM');
  }
  assert.deepEqual(
    reports.map(({ from, size, ok }) => ({ from, size, ok })),
    [
      { from: 0, size: 5, ok: true },
      { from: 5, size: 7, ok: true },
    ],
  );
});
