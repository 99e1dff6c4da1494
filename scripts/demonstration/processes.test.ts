import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Processes } from './processes.ts';

const folder = await mkdtemp(join(tmpdir(), 'blindsum-processes-'));
after(() => rm(folder, { recursive: true }));
const script = (code: string) => ({ name: 'child', argv: [process.execPath, '-e', code] as const });

test('a process that fails is reported with its last words', async () => {
  const processes = new Processes(folder);
  await assert.rejects(processes.run({ ...script('console.error("no such key"); process.exit(3)') }), {
    message: /ended with status 3:\nno such key$/,
  });
  assert.match(await readFile(join(folder, 'child.txt'), 'utf8'), /no such key/);
});

test('a process that ignores nothing is stopped, and waited for', async () => {
  const processes = new Processes(folder);
  const ready = Promise.withResolvers<string>();
  const code = 'console.log(process.pid); setInterval(() => {}, 1000)';
  const ended = processes.start({ ...script(code), onLine: ready.resolve });
  const pid = Number(await ready.promise);
  await processes.stop();
  assert.equal((await ended).status, undefined);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('the standard output of a process that succeeds is what running it gives', async () => {
  assert.equal(await new Processes(folder).run(script('console.log("a\\nb")')), 'a\nb');
});

test('a process can be killed, and what it said before is known by then', async () => {
  const processes = new Processes(folder);
  const said: string[] = [];
  const ready = Promise.withResolvers<string>();
  const code = 'console.error("careful"); console.log("ready"); setInterval(() => {}, 1000)';
  const { ended, kill } = processes.launch({
    ...script(code),
    onLine: ready.resolve,
    onComplaint: (line) => said.push(line),
  });
  await ready.promise;
  kill();
  assert.deepEqual(await ended, { status: undefined, stdout: '', complaint: 'careful' });
  assert.deepEqual(said, ['careful']);
  processes.kill();
  assert.throws(() => processes.launch(script('1')), { message: /told to end/ });
});
