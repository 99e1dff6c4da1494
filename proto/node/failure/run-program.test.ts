// A program's end as a process has it, on a program of one line.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { EXIT } from '../../src/index.ts';

const MODULE = new URL('./run-program.ts', import.meta.url).href;
const FAULT = "throw new TypeError('broken');";

interface Surroundings {
  readonly args?: readonly string[];
  readonly trace?: string;
  readonly stdout?: 'pipe' | number;
}

function start(action: string, { args = [], trace, stdout = 'pipe' }: Surroundings = {}): ChildProcess {
  const program = `import { runProgram } from ${JSON.stringify(MODULE)};
    const parseAsync = async () => { ${action} };
    await runProgram({ parseAsync }, { program: 'blindsum-x', hintOf: () => 'Look again.' });`;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program, '--'];
  const env = { ...process.env, BLINDSUM_TRACE: trace };
  // The place of the program's own name stays free: what is evaluated has none.
  return spawn(process.execPath, [...flags, 'x', ...args], { env, stdio: ['ignore', stdout, 'pipe'] });
}

async function ended(child: ChildProcess) {
  const [[status], out, err] = await Promise.all([
    once(child, 'exit') as Promise<[number]>,
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { status, out, err };
}

test('a fault ends the process with its line, and its place only with BLINDSUM_TRACE', async () => {
  const line = 'blindsum-x: INTERNAL: broken\n';
  assert.deepEqual(await ended(start(FAULT)), { status: EXIT.failed, out: '', err: line });
  assert.equal((await ended(start(FAULT, { trace: '' }))).err, line);
  assert.match(
    (await ended(start(FAULT, { trace: '1' }))).err,
    /^blindsum-x: INTERNAL: broken\nTypeError: broken\n/,
  );
});

test('what nobody waited for ends the process alike, with its place', async () => {
  const crash = `setImmediate(() => { ${FAULT} }); await new Promise(() => setInterval(() => {}, 1000));`;
  for (const action of [
    crash,
    crash.replace('setImmediate(() =>', 'void (async () =>').replace('});', '})();'),
  ]) {
    const { status, out, err } = await ended(start(action, { args: ['--json'] }));
    assert.match(err, /^blindsum-x: INTERNAL: broken\nTypeError: broken\n +at /);
    assert.equal((JSON.parse(out) as { error: { detail: string } }).error.detail, 'broken');
    assert.equal(status, EXIT.failed);
  }
});

test('a command that serves says itself what crashed', async () => {
  const own = "process.on('uncaughtException', () => process.exit(4)); setTimeout(() => { throw 1; });";
  assert.deepEqual(await ended(start(own)), { status: 4, out: '', err: '' });
});

test('--json asks for a document, but not behind what ends the options', async () => {
  const document = { error: { code: 'INTERNAL', detail: 'broken', hint: 'Look again.' } };
  const { out, err } = await ended(start(FAULT, { args: ['--json'] }));
  assert.deepEqual([JSON.parse(out), err], [document, 'blindsum-x: INTERNAL: broken\n']);
  assert.equal((await ended(start(FAULT, { args: ['--', '--json'] }))).out, '');
});

test('what was done keeps the status that it set', async () => {
  assert.equal((await ended(start('process.exitCode = 4;'))).status, 4);
});

test('a reader that has gone ends the process, without a word', async () => {
  const child = start("setInterval(() => process.stdout.write('more\\n'), 1);");
  await once(child.stdout!, 'data');
  child.stdout!.destroy();
  const [[status], err] = await Promise.all([once(child, 'exit') as Promise<[number]>, text(child.stderr!)]);
  assert.deepEqual([status, err], [EXIT.failed, '']);
});

test('a result that cannot be written is a failure', { skip: !existsSync('/dev/full') }, async () => {
  const full = await open('/dev/full', 'w');
  const child = start("process.stdout.write('result\\n');", { stdout: full.fd });
  const [[status], err] = await Promise.all([once(child, 'exit') as Promise<[number]>, text(child.stderr!)]);
  await full.close();
  assert.match(err, /^blindsum-x: INTERNAL: .*ENOSPC.*\n$/);
  assert.equal(status, EXIT.failed);
});
