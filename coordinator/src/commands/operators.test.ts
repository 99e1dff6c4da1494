// The commands about keys and the trail, given to a real coordinator that is killed in between.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseTrail, Refusal } from '@blindsum/proto';
import { exportTrail, verifyTrailFile } from './audit-trail.ts';
import { parseDuration } from './duration.ts';
import { createKey, listKeys, revokeKey, rotateKey } from './keys.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/blindsum-coordinator', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'bs-ops-'));
const config = join(folder, 'coordinator.yaml');
const listen = '{ grpc: "127.0.0.1:0", http: "127.0.0.1:0" }';
await writeFile(config, `federation: test.example\nstateDirectory: s\nlisten: ${listen}\n`);
let running: ChildProcess | undefined;

after(async () => {
  running?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Returns what it printed by the time that it is ready. */
async function serve(): Promise<string> {
  const flags = ['serve', '--config', config, '--bootstrap-key', join(folder, 'bootstrap.key')];
  running = spawn(PROGRAM, flags, { stdio: ['ignore', 'pipe', 'ignore'] });
  let printed = '';
  for await (const chunk of running.stdout!.iterator({ destroyOnReturn: false })) {
    printed += String(chunk);
    if (printed.includes(' ready;')) break;
  }
  return printed;
}

async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  running!.kill(signal);
  await once(running!, 'exit');
}

function output(json = false) {
  const lines: string[] = [];
  return { json, lines, print: (line: string) => lines.push(line) };
}

test('keys are made, listed, rotated and revoked; all of it is in the trail, survives kill -9, and ends up in the log', async () => {
  assert.doesNotMatch(await serve(), /bsk_/);
  const bootstrap = join(folder, 'bootstrap.key');
  assert.match(await readFile(bootstrap, 'utf8'), /^bsk_[0-9a-f]{16}_[0-9a-f]{64}\n$/);
  assert.equal((await stat(bootstrap)).mode & 0o777, 0o600);

  const [made, file] = [output(true), join(folder, 'scrape.key')];
  await createKey(config, { name: 'scrape', scope: 'read', expires: '90d', out: file }, made);
  const { key } = JSON.parse(made.lines[0]!) as { key: string };
  assert.doesNotMatch(made.lines.join(), /bsk_/);
  assert.match(await readFile(file, 'utf8'), new RegExp(`^bsk_${key}_`));
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  // A file that is there is not written over, and no key is made that nobody would hold.
  await assert.rejects(createKey(config, { name: 'x', scope: 'read', out: file }, output()), {
    code: 'CONFIG_INVALID',
  });
  await assert.rejects(createKey(config, { name: 'x', scope: 'root' }, output()), /--scope/);
  await assert.rejects(revokeKey(config, '0'.repeat(16), output()), { code: 'NOT_FOUND' });
  const rotated = output();
  await rotateKey(config, { key, overlap: '24h' }, rotated);
  assert.match(rotated.lines.join('\n'), /the credential before is good until .*\nbsk_/);
  await end('SIGKILL');

  assert.doesNotMatch(await serve(), /bsk_/, 'the first key is shown once');
  await revokeKey(config, key, output());
  const listed = output();
  await listKeys(config, listed);
  assert.match(listed.lines.join('\n'), new RegExp(`^${key} +read +scrape +- +revoked `, 'm'));
  assert.doesNotMatch(listed.lines.join(), /bsk_/);
  await end('SIGTERM');

  await serve();
  const [trail, said] = [join(folder, 'trail.jsonl'), output(true)];
  await exportTrail(config, trail, output());
  await verifyTrailFile(config, { file: trail, log: undefined }, said);
  // The export itself is younger than the last record.
  assert.deepEqual(JSON.parse(said.lines[0]!), { covered: 10, uncovered: 2, missing: 0 });
  const entries = parseTrail(await readFile(trail)).map(({ entry }) => `${entry.action} ${entry.outcome}`);
  assert.deepEqual(entries, [
    ...['key.create begun', 'key.create done', 'key.create begun', 'key.create done'],
    ...['key.revoke begun', 'key.revoke refused', 'key.rotate begun', 'key.rotate done'],
    ...['key.revoke begun', 'key.revoke done', 'trail.export begun', 'trail.export done'],
  ]);
  await end('SIGTERM');

  const text = await readFile(trail, 'utf8');
  const forged = join(folder, 'forged.jsonl');
  await writeFile(forged, text.replace('bootstrap (operator)', 'bootstrap (auditor)'));
  await assert.rejects(verifyTrailFile(config, { file: forged, log: undefined }, output()), {
    code: 'BAD_RECORD',
  });
});

test('a span of time has one form', () => {
  assert.deepEqual(
    ['30m', '24h', '90d', '0m'].map((text) => parseDuration(text, 'x')),
    [18e5, 864e5, 7776e6, 0],
  );
  for (const bad of ['', '90', 'd', '1.5h', '-1d', '1w', '90d ', '99999d', '1e3d'])
    assert.throws(
      () => parseDuration(bad, '--expires'),
      (error) => error instanceof Refusal && error.code === 'CONFIG_INVALID',
    );
});
