// Runs scripts/demo as a user would, and looks at what it says, what it leaves and what its coordinator could have known.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, suite, test } from 'node:test';
import { encodeBundle } from '@blindsum/proto/provenance';
import { parseEnvelope, parseRecord } from '@blindsum/proto/tlog';
import type { ProgressEvent } from '../../participant/src/session-progress.ts';
import { entryFiles, leavesOf } from '../page/entry-files.ts';
import { verifyFiles } from '../page/verify-files.ts';
import { findProcesses, searchFiles, searchMemory, type Patterns } from './secret-search.ts';
import { keyPatterns, rowPatterns, trainAgain } from './site-secrets.ts';

const ROOT = join(import.meta.dirname, '../..');
const SITES = ['hospital-a', 'hospital-b', 'hospital-c'];
const TIMEOUT_MS = 200_000;

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demonstration with temporary files in `folder`; `onLine` is told of each line of progress. */
async function runDemo(
  folder: string,
  args: readonly string[],
  onLine: (line: string, pid: number) => void = () => undefined,
): Promise<Run> {
  const program = ['scripts/demonstration/main.ts', ...args];
  const demo = spawn(join(ROOT, 'scripts/launch'), program, {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let stdout = '';
  demo.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  createInterface({ input: demo.stderr }).on('line', (line) => {
    lines.push(line);
    onLine(line, demo.pid!);
  });
  const [status] = (await once(demo, 'close')) as [number | null];
  return { status, stdout, stderr: lines.join('\n') };
}

async function collectSecrets(out: string): Promise<[string, Buffer][]> {
  const ofSites = SITES.map(async (site) => [
    ...(await keyPatterns(out, site)),
    ...(await rowPatterns(out, site)),
  ]);
  const update = await trainAgain(out, 'hospital-a', 2);
  return [...(await Promise.all(ofSites)).flat(), ...update.patterns];
}

const folder = await mkdtemp(join(tmpdir(), 'blindsum-demo-test-'));
const temporary = join(folder, 'tmp');
await mkdir(temporary);
after(() => rm(folder, { recursive: true, force: true }));

suite('a demonstration of two rounds', { timeout: TIMEOUT_MS }, () => {
  const out = join(folder, 'out');
  const files = { json: join(folder, 'result.json'), report: join(folder, 'report.html') };
  const secrets = new Map<string, Buffer>();
  const publics: Patterns = new Map([['name of a site', Buffer.from('hospital-b')]]);
  let run: Run;
  let remembered: { secrets: Set<string>; publics: Set<string> } | undefined;

  before(async () => {
    let looked: Promise<void> | undefined;
    const look = async (coordinator: number) => {
      // It stands still meanwhile, and cannot end before it was looked into.
      process.kill(coordinator, 'SIGSTOP');
      try {
        for (const [name, bytes] of await collectSecrets(out)) secrets.set(name, bytes);
        remembered = {
          secrets: searchMemory(coordinator, secrets),
          publics: searchMemory(coordinator, publics),
        };
      } finally {
        process.kill(coordinator, 'SIGCONT');
      }
    };
    const args = ['--rounds', '2', '--out', out, '--json', files.json, '--report', files.report];
    run = await runDemo(temporary, args, (line) => {
      // By then the coordinator has served every kind of round.
      if (/evaluation +collecting/.test(line))
        looked = look(findProcesses('coordinator/src/main.ts', out)[0]!);
    });
    await looked;
  });

  test('it succeeds, and says so', () => {
    assert.equal(run.status, 0, run.stderr + run.stdout);
    assert.match(run.stdout, /^OK: every round published, all sites hold one model, the audit passes/m);
  });

  test('its JSON holds what was reached', async () => {
    const json = JSON.parse(await readFile(files.json, 'utf8')) as Record<string, unknown>;
    assert.deepEqual(
      [json['sites'], json['rounds'], json['publishedRounds'], json['auditOk']],
      [3, 2, 2, true],
    );
    const hashes = json['modelHashes'] as string[];
    assert.match(hashes[0]!, /^[0-9a-f]{64}$/);
    assert.deepEqual(hashes, [hashes[0], hashes[0], hashes[0]]);
    assert.deepEqual(
      (json['alone'] as { site: string }[]).map(({ site }) => site),
      SITES,
    );
    const [federated, pooled] = [json['federated'], json['pooled']] as { auc: number; accuracy: number }[];
    for (const { auc, accuracy } of [federated!, pooled!]) {
      assert.ok(auc > 0.9 && auc <= 1, `AUC ${auc}`);
      assert.ok(accuracy > 0.7 && accuracy <= 1, `accuracy ${accuracy}`);
    }
    // A header chunk and one chunk of packed values for 641 parameters.
    assert.equal(json['bytesPerParameter'], 65536 / 641);
    const logShare = json['logShare'] as number;
    assert.ok(logShare > 0 && logShare < 1);
    assert.ok((json['seconds'] as number) > 1);
  });

  test('it leaves the log in its public layout, a report, and nothing that runs', async () => {
    const log = await readdir(join(out, 'log'));
    for (const name of ['checkpoint', 'log.vkey', 'tile'])
      assert.ok(log.includes(name), `${name} in ${log.join()}`);
    assert.match(await readFile(files.report, 'utf8'), /^<!doctype html>.*Verified/s);
    assert.deepEqual(findProcesses(out), []);
    assert.deepEqual(await readdir(temporary), []);
  });

  test('its last round, with the model of a hospital, passes the checks of the verification page', async () => {
    const log = { read: (path: string) => readFileSync(join(out, 'log', path)) };
    const { length } = leavesOf(log);
    const all = Array.from({ length }, (_, i) => entryFiles(log, i));
    const ofKind = (kind: string) =>
      all.findLast(({ record }) => parseRecord(parseEnvelope(record).payload).kind === kind)!;
    const files = [encodeBundle(ofKind('round').bundle), ofKind('roster').record];
    const bytes = await readFile(join(out, 'hospital-b/models/breast-cancer/final.bin'));
    const logKey = await readFile(join(out, 'log/log.vkey'), 'utf8');
    const trust = { logKey, recordKey: '', policy: '' };
    const { verdict, of, failed } = await verifyFiles(files, trust, { name: 'final.bin', bytes });
    assert.deepEqual([verdict, failed], ['verified', []]);
    assert.deepEqual([of('members').status, of('model').status], ['passed', 'passed']);
  });

  test("the coordinator's files hold no key, no row and no update of a site", () => {
    assert.ok(secrets.size > 50);
    assert.deepEqual(searchFiles(join(out, 'coordinator'), secrets), new Set());
    assert.deepEqual(searchFiles(join(out, 'log'), secrets), new Set());
    assert.deepEqual(searchFiles(join(out, 'output'), secrets), new Set());
    assert.notEqual(searchFiles(join(out, 'coordinator'), publics).size, 0, 'the search finds what is there');
    assert.notEqual(searchFiles(join(out, 'hospital-a'), secrets).size, 0, 'the site itself has its secrets');
  });

  test("the coordinator's memory held none of them either", () => {
    assert.ok(remembered, run.stderr);
    assert.deepEqual(remembered.publics, new Set(publics.keys()), 'the search finds what is there');
    assert.deepEqual(remembered.secrets, new Set());
  });

  test('the update that was looked for is the one that the site sent', async () => {
    const { norm } = await trainAgain(out, 'hospital-a', 2);
    const events = (await readFile(join(out, 'output/hospital-a.txt'), 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('{"atMs"'))
      .map((line) => JSON.parse(line) as ProgressEvent);
    const trained = events.find((event) => event.event === 'trained' && event.round === 2);
    assert.ok(trained?.event === 'trained');
    assert.equal(trained.norm, norm);
  });
});

test('told to end, a demonstration takes everything down with it', { timeout: TIMEOUT_MS }, async () => {
  let started: number[] = [];
  const { status } = await runDemo(temporary, [], (line, pid) => {
    if (!/coordinator at/.test(line)) return;
    started = findProcesses('coordinator/src/main.ts', temporary);
    process.kill(pid, 'SIGTERM');
  });
  assert.equal(status, 143);
  assert.equal(started.length, 1);
  assert.deepEqual(findProcesses(temporary), []);
  assert.deepEqual(await readdir(temporary), []);
});

test('a mistake on the command line changes nothing and is status 2', async () => {
  const { status, stderr } = await runDemo(temporary, ['--rounds', 'ten']);
  assert.equal(status, 2);
  assert.equal(stderr, 'demo: --rounds: expected a whole number from 1 to 100 (see --help)');
  const occupied = await runDemo(temporary, ['--out', folder]);
  assert.equal(occupied.status, 2);
  assert.match(occupied.stderr, /is not empty/);
});
