// The stand-alone witness as a process of its own.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { encodeVkey, parseCosignerVkey } from '@blindsum/proto/tlog';
import { LOG_KEY, requestOf } from './growing-log.fixture.ts';

const NODE = [process.execPath, '--disable-warning=ExperimentalWarning'] as const;
const MAIN = join(import.meta.dirname, '../main.ts');
const KILLED = join(import.meta.dirname, 'killed-witness.fixture.ts');
const NAME = 'witness.example/w1';
const folder = await mkdtemp(join(tmpdir(), 'blindsum-witness-'));
const started: ChildProcess[] = [];

after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

const argumentsOf = (state: string, ...more: string[]) => [
  'witness',
  '--state',
  join(folder, state),
  '--name',
  NAME,
  '--log',
  encodeVkey(LOG_KEY),
  ...more,
];
const runOnce = (...args: string[]) =>
  spawnSync(NODE[0], [NODE[1], MAIN, ...args], { encoding: 'utf8', timeout: 120_000 });

/** Starts a witness over the memory in `state`; `post` sends it a request. */
async function start(state: string) {
  const child = spawn(NODE[0], [NODE[1], MAIN, ...argumentsOf(state, '--listen', '127.0.0.1:0')]);
  started.push(child);
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith('listening on ')) break;
  }
  const address = lines.at(-1)?.slice('listening on '.length) ?? '';
  return {
    child,
    keys: lines.slice(0, -1),
    post: (body: Uint8Array) =>
      fetch(`${address}/add-checkpoint`, { method: 'POST', body: Buffer.from(body) }),
  };
}

test('a witness shows its keys, serves with them, and ends when it is told to', async () => {
  const shown = runOnce(...argumentsOf('shown', '--show-keys'));
  assert.equal(shown.status, 0, shown.stderr);
  const asJson = runOnce(...argumentsOf('shown', '--show-keys', '--json'))
    .stdout.trimEnd()
    .split('\n');
  assert.deepEqual(
    asJson.map((line) => (JSON.parse(line) as { key: string }).key),
    shown.stdout.trimEnd().split('\n'),
  );
  const witness = await start('shown');
  assert.deepEqual(witness.keys, shown.stdout.trimEnd().split('\n'));
  assert.deepEqual(
    witness.keys.map((key) => parseCosignerVkey(key).name),
    [NAME, NAME],
  );
  assert.equal((await witness.post(requestOf(0, 7))).status, 200);
  witness.child.kill('SIGTERM');
  const code = await new Promise((resolve) => witness.child.once('exit', resolve));
  assert.equal(code, 0);
});

test('wrong usage is told and ends with status 2', () => {
  const bad = [
    ['witness', '--state', folder, '--name', NAME],
    ['witness', '--state', folder, '--name', 'a b', '--log', encodeVkey(LOG_KEY)],
    ['witness', '--state', folder, '--name', NAME, '--log', '/nowhere'],
    argumentsOf('usage', '--listen', 'nowhere'),
  ];
  for (const args of bad) assert.equal(runOnce(...args).status, 2, args.join(' '));
});

test('a witness that is killed between what it stores and its answer has seen what it stored', async () => {
  const killed = spawnSync(NODE[0], [NODE[1], KILLED, join(folder, 'killed')], { input: requestOf(0, 20) });
  assert.equal(killed.signal, 'SIGKILL');
  assert.equal(killed.stdout.length, 0);
  const { post } = await start('killed');
  const behind = await post(requestOf(0, 20));
  assert.equal(behind.status, 409);
  assert.equal(await behind.text(), '20\n');
  assert.equal((await post(requestOf(20, 20, true))).status, 422);
  assert.equal((await post(requestOf(20, 20))).status, 200);
  assert.equal((await post(requestOf(20, 40))).status, 200);
});

test('of two requests at the same instant to two processes of one witness, one is cosigned, and the log never goes back', async () => {
  const witnesses = await Promise.all([start('shared'), start('shared')]);
  assert.deepEqual(witnesses[0].keys, witnesses[1].keys);
  assert.equal((await witnesses[0].post(requestOf(0, 3))).status, 200);
  let [seen, isFork] = [3, false];
  for (let round = 0; round < 20; round++) {
    // At first the second process is shown a fork: from then on there is only the tree that was cosigned.
    const requests = [
      { size: seen + 5, fork: isFork },
      { size: seen + 9, fork: isFork || round === 0 },
    ] as const;
    const answers = await Promise.all(
      requests.map(({ size, fork }, i) => witnesses[i]!.post(requestOf(seen, size, fork))),
    );
    const statuses = answers.map(({ status }) => status);
    assert.deepEqual([...statuses].sort(), [200, 409], `round ${round}`);
    const { size, fork } = requests[statuses.indexOf(200)]!;
    [seen, isFork] = [size, fork];
  }
});
