// Runs scripts/chaos as a user would: a short run with a fixed seed, and what is said about mistakes and interruptions.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findProcesses } from './secret-search.ts';

const ROOT = join(import.meta.dirname, '../..');
const TIMEOUT_MS = 500_000;

const folder = await mkdtemp(join(tmpdir(), 'blindsum-chaos-test-'));
const temporary = join(folder, 'tmp');
await mkdir(temporary);
after(() => rm(folder, { recursive: true, force: true }));

interface Run {
  readonly status: number | null;
  readonly output: string;
}

/** Runs it with temporary files in `temporary`; `onText` is told of what it says meanwhile. */
async function runChaos(
  args: readonly string[],
  onText: (text: string, pid: number) => void = () => undefined,
): Promise<Run> {
  const chaos = spawn(join(ROOT, 'scripts/launch'), ['scripts/disturbance/main.ts', ...args], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [chaos.stdout, chaos.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      onText(output, chaos.pid!);
    });
  }
  const [status] = (await once(chaos, 'close')) as [number | null];
  return { status, output };
}

test('a round under fire loses nothing, and leaves nothing behind', { timeout: TIMEOUT_MS }, async () => {
  const json = join(folder, 'result.json');
  const run = await runChaos(['--rounds', '1', '--kills', '6', '--seed', '7', '--json', json]);
  assert.equal(run.status, 0, run.output);
  assert.match(run.output, /^OK: nothing lost, nothing counted twice, one model, the audit passes/m);
  const result = JSON.parse(await readFile(json, 'utf8')) as Record<string, unknown>;
  const { kills, cuts, longestRecoveryMs, quotaRefusals, ...verdict } = result;
  assert.ok((kills as number) >= 4, run.output);
  assert.ok((cuts as number) > 0);
  assert.ok((quotaRefusals as number) > 0, run.output);
  assert.ok((longestRecoveryMs as number) > 0);
  const expected = { roundsPublished: 1, roundsFailed: 0, lost: 0, doubleCounted: 0 };
  for (const [key, value] of Object.entries({ ...expected, modelHashesEqual: true, auditOk: true }))
    assert.equal(verdict[key], value, `${key}\n${run.output}`);
  assert.deepEqual(verdict['ownEnds'], [], run.output);
  assert.deepEqual(findProcesses(temporary), []);
  assert.deepEqual(await readdir(temporary), []);
});

test('told to end, it takes everything down with it', { timeout: TIMEOUT_MS }, async () => {
  let started: number[] = [];
  const { status, output } = await runChaos([], (text, pid) => {
    if (started.length > 0 || !text.includes('sites enrolled')) return;
    started = findProcesses('coordinator/src/main.ts', temporary);
    process.kill(pid, 'SIGTERM');
  });
  assert.equal(status, 143, output);
  assert.equal(started.length, 1);
  assert.deepEqual(findProcesses(temporary), []);
  assert.deepEqual(await readdir(temporary), []);
});

test('a mistake on the command line changes nothing and is status 2', async () => {
  const wrong = await runChaos(['--sites', 'two']);
  assert.deepEqual(wrong, {
    status: 2,
    output: 'chaos: --sites: expected a whole number from 3 to 8 (see --help)\n',
  });
  const occupied = await runChaos(['--out', folder]);
  assert.equal(occupied.status, 2);
  assert.match(occupied.output, /is not empty/);
  assert.match((await runChaos(['--help'])).output, /^Usage: scripts\/chaos/);
});
