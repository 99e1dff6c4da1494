// The coordinator writes a log, the auditor's program checks it: exit status and first line are what scripts rely on.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { openLogKeys } from '../coordinator/src/log/log-keys.ts';
import { openLog } from '../coordinator/src/log/open-log.ts';

const PROGRAM = join(import.meta.dirname, '../auditor/bin/blindsum-audit');
const folder = await mkdtemp(join(tmpdir(), 'blindsum-log-audit-'));
after(() => rm(folder, { recursive: true }));
const logFolder = join(folder, 'log');
const log = await openLog({
  folder: logFolder,
  keys: await openLogKeys(join(folder, 'keys'), 'log.example.org'),
});

async function audit(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  try {
    return { status: 0, ...(await promisify(execFile)(PROGRAM, args)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

test('a log that the coordinator wrote passes, also under the key it published', async () => {
  const { status, stdout } = await audit('fsck', logFolder, '--vkey', join(logFolder, 'log.vkey'));
  assert.match(stdout, /^OK: the log log\.example\.org is intact: 1 entry,/);
  assert.equal(status, 0);
  const byKey = await audit('fsck', logFolder, '--vkey', log.vkey, '--json');
  assert.deepEqual([byKey.status, (JSON.parse(byKey.stdout) as { ok: boolean }).ok], [0, true]);
});

test('a changed log fails with status 1', async () => {
  const path = join(logFolder, 'tile/0/000.p/1');
  const bytes = await readFile(path);
  await writeFile(
    path,
    bytes.map((byte) => byte ^ 1),
  );
  const { status, stdout } = await audit('fsck', logFolder);
  await writeFile(path, bytes);
  assert.match(
    stdout,
    /^FAILED: do not trust the log log\.example\.org: 1 problem found\.\n {2}tile\/0\/000\.p\/1 was changed/,
  );
  assert.equal(status, 1);
});

test('wrong usage has status 2, and what cannot be read status 3', async () => {
  for (const args of [
    [],
    ['fsck'],
    ['fsck', logFolder, '--what'],
    ['fsck', logFolder, '--vkey', 'nowhere'],
  ]) {
    assert.equal((await audit(...args)).status, 2, args.join(' '));
  }
  const { status, stderr } = await audit('fsck', join(folder, 'nowhere'));
  assert.match(stderr, /^blindsum-audit: UNAVAILABLE: cannot read .*nowhere: there is no such folder\n$/);
  assert.equal(status, 3);
});
