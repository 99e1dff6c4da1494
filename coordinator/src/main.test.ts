import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXIT } from '@blindsum/proto';
import { trustAuthorityFile } from '@blindsum/proto/node';
import { TEST_JOB } from './federation.fixture.ts';

const PROGRAM = fileURLToPath(new URL('../bin/blindsum-coordinator', import.meta.url));

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bs-main-'));
  await writeFile(join(folder, 'job.yaml'), JSON.stringify(TEST_JOB));
  await writeFile(
    join(folder, 'wrong.yaml'),
    'federation: test.example\nstateDirectory: s\nlisten: { grpc: nowhere }\n',
  );
  await writeFile(
    join(folder, 'small.yaml'),
    'federation: test.example\nstateDirectory: s\nlimits: { maxUploadBytesPerSite: 500000 }\n',
  );
  const listen = '{ grpc: "127.0.0.1:0", http: "127.0.0.1:0" }';
  await writeFile(
    join(folder, 'coordinator.yaml'),
    `federation: test.example\nstateDirectory: s\nlisten: ${listen}\n`,
  );
  await writeFile(
    join(folder, 'other.yaml'),
    `federation: test.example\nstateDirectory: u\nlisten: ${listen}\n`,
  );
  await writeFile(join(folder, 'idle.yaml'), 'federation: test.example\nstateDirectory: v\n');
  await writeFile(
    join(folder, 'sealed.yaml'),
    `federation: test.example\nstateDirectory: t\nlisten: ${listen}\nkeys: { passphrase: { environment: TEST_WORDS } }\n`,
  );
});

after(() => rm(folder, { recursive: true }));

function start(...args: string[]): ChildProcess {
  // From another folder, as a user would.
  return spawn(PROGRAM, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(...args: string[]) {
  const child = start(...args);
  const [[code], out, err] = await Promise.all([
    once(child, 'exit') as Promise<[number]>,
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { code, out, err };
}

describe('blindsum-coordinator', { concurrency: true }, () => {
  test('a mistake in its configuration is one line that names the place, and exit status 2', async () => {
    const { code, out, err } = await run('serve', '--config', 'wrong.yaml');
    assert.equal(err, 'blindsum-coordinator: CONFIG_INVALID: wrong.yaml: listen.grpc: expected host:port\n');
    assert.deepEqual([code, out], [2, '']);
  });

  test('without the passphrase of its keys it does not start, and makes no keys', async () => {
    const { code, out, err } = await run('serve', '--config', 'sealed.yaml');
    assert.equal(
      err,
      'blindsum-coordinator: CONFIG_INVALID: keys.passphrase: the environment has no TEST_WORDS\n',
    );
    assert.deepEqual([code, out], [2, '']);
    const sealing = await run('seal-keys', '--config', 'sealed.yaml');
    assert.deepEqual([sealing.code, sealing.out], [2, '']);
  });

  test('a mistake in its usage is one line and exit status 2', async () => {
    const { code, err } = await run('admit', 'request.json');
    assert.match(err, /^blindsum-coordinator: USAGE: .*--out.*\n$/);
    assert.equal(code, 2);
  });

  test('a command that a group does not have is named, also where the group does something without one', async () => {
    for (const group of ['jobs', 'sites']) {
      const { code, err } = await run(group, 'lisst');
      assert.deepEqual(
        [code, err.split('\n')[0]],
        [2, "blindsum-coordinator: USAGE: unknown command 'lisst'"],
      );
    }
  });

  test('a job file is checked without a coordinator', async () => {
    const { code, out, err } = await run('validate', 'job.yaml', '--sites', '16', '--json');
    assert.deepEqual([code, err], [0, '']);
    // 2 chunks of 32 KiB, and a share of 9328 bytes for each site.
    const { parameters, threshold, uploadBytesPerRound } = JSON.parse(out) as Record<string, number>;
    assert.deepEqual([parameters, threshold, uploadBytesPerRound], [7, 11, 2 * 32768 + 16 * 9328]);
  });

  test('a job that has no room at a coordinator is refused before it is submitted', async () => {
    const { code, err } = await run('validate', 'job.yaml', '--sites', '16', '--config', 'small.yaml');
    assert.match(
      err,
      /^blindsum-coordinator: QUOTA_EXCEEDED: job\.yaml: a site would upload \d+ bytes for the 2 attempts of a round that are kept at a time, of 500000 allowed \(limits\.maxUploadBytesPerSite\)\n$/,
    );
    assert.equal(code, EXIT.noRoom);
  });

  test('with --json it says where it is, and who its first operator is, as one document', async () => {
    const child = start('serve', '--config', 'other.yaml', '--json');
    const ended = Promise.all([once(child, 'exit'), text(child.stderr!)]);
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const { firstKey, ...ready } = JSON.parse(line.toString()) as Record<string, unknown>;
    assert.match((firstKey as { credential: string }).credential, /^bsk_/);
    const { advertise, httpUrl } = ready as Record<string, string>;
    assert.match(`${advertise} ${httpUrl}`, /^127\.0\.0\.1:\d+ https:\/\/127\.0\.0\.1:\d+$/);
    assert.deepEqual(Object.keys(ready), [
      ...['federation', 'version', 'advertise', 'httpUrl', 'authorityFingerprint'],
    ]);
    child.kill('SIGTERM');
    await ended;
    const again = start('serve', '--config', 'other.yaml', '--json');
    const [second] = (await once(again.stdout!, 'data')) as [Buffer];
    assert.equal((JSON.parse(second.toString()) as { firstKey: unknown }).firstKey, null);
    again.kill('SIGTERM');
    await once(again, 'exit');
  });

  test('with --json what is wrong is a document too', async () => {
    const { code, out, err } = await run('status', '--config', 'idle.yaml', '--json');
    const { error } = JSON.parse(out) as { error: Record<string, string> };
    assert.deepEqual([error['code'], code], ['UNAVAILABLE', EXIT.unreachable]);
    assert.match(error['hint']!, /blindsum-coordinator doctor --config idle\.yaml/);
    assert.match(err, /^blindsum-coordinator: UNAVAILABLE: .*; start it with: .*idle\.yaml\n$/);
  });

  test('it says when it is ready, where, and with which authority, and stops on SIGTERM', async () => {
    const child = start('serve');
    const ended = Promise.all([once(child, 'exit') as Promise<[number]>, text(child.stderr!)]);
    const [first] = (await once(child.stdout!, 'data')) as [Buffer];
    const key = /^blindsum-coordinator: the first operator's API key, shown this once: (bsk_\S+)\n/.exec(
      first.toString(),
    );
    assert.ok(key, first.toString());
    const rest = first.toString().slice(key[0].length);
    const line = rest === '' ? ((await once(child.stdout!, 'data')) as [Buffer])[0].toString() : rest;
    assert.match(
      line,
      /^blindsum-coordinator: federation test\.example ready; sites on 127\.0\.0\.1:\d+, console on https:\/\/127\.0\.0\.1:\d+; authority SHA-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}\n$/,
    );
    const http = /https:\/\/\S+(?=;)/.exec(line)![0];
    await trustAuthorityFile(join(folder, 's/identity/authority.pem'), 'test');
    assert.equal((await fetch(`${http}/readyz`)).status, 200);
    const asked = await fetch(`${http}/v1/status`, { headers: { authorization: `Bearer ${key[1]!}` } });
    assert.equal(asked.status, 200);
    child.kill('SIGTERM');
    const [[code], log] = await ended;
    assert.equal(code, 0, log);
    assert.ok(!log.includes(key[1]!.slice(-64)), 'the key is in the log');
    const events = log
      .trim()
      .split('\n')
      .map((entry) => (JSON.parse(entry) as { event: string }).event);
    assert.deepEqual(events, ['coordinator.ready', 'coordinator.stopping', 'coordinator.stopped']);
  });
});
