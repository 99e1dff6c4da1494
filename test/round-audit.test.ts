// The auditor's program reads the archive that the coordinator's store writes: exit status and first line are what scripts rely on.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { ARCHIVE_MEMBERS_FILE, PART_BYTES } from '@blindsum/proto';
import {
  ciphertextPath,
  CONTRIBUTORS,
  createArchivedRounds,
  writeArchive,
} from '../auditor/src/archived-rounds.fixture.ts';
import { JOB, VKEY, writeLog } from '../auditor/src/sample-log.fixture.ts';
import { createFileBlobStore } from '../coordinator/src/storage/file-blob-store.ts';

const PROGRAM = join(import.meta.dirname, '../auditor/bin/blindsum-audit');
const HEADER_BYTES = 4096;
const folder = await mkdtemp(join(tmpdir(), 'blindsum-round-audit-'));
after(() => rm(folder, { recursive: true }));

const { records, files } = createArchivedRounds([{}], 33);
const log = await writeArchive(join(folder, 'log'), writeLog(records));
const archive = join(folder, 'blobs');
const store = createFileBlobStore(archive);
const nameOf = (site: (typeof CONTRIBUTORS)[number]) =>
  ({ id: { job: JOB, round: 0, attempt: 1 }, kind: 'ciphertext', owner: site.site }) as const;
for (const site of CONTRIBUTORS) {
  const bytes = files.get(ciphertextPath(0, site))!.subarray(HEADER_BYTES);
  await store.append(nameOf(site), 0, bytes.subarray(0, PART_BYTES));
  await store.append(nameOf(site), PART_BYTES, bytes.subarray(PART_BYTES));
}

await writeFile(join(archive, ARCHIVE_MEMBERS_FILE), files.get(ARCHIVE_MEMBERS_FILE)!);

async function audit(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  try {
    return { status: 0, ...(await promisify(execFile)(PROGRAM, ['verify-round', ...args])) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

const ROUND = ['--job', JOB, '--round', '0'];

test('a round in the store of a coordinator is verified', async () => {
  const one = await audit(log, ...ROUND, '--archive', archive, '--vkey', VKEY);
  assert.match(
    one.stdout,
    /^Round 0 of job breast-cancer: VERIFIED\. 3 of 4 sites contributed; 1 was late\.\n/,
  );
  assert.deepEqual([one.status, one.stderr], [0, '']);
  const all = await audit(log, '--all', '--archive', archive, '--json');
  const report = JSON.parse(all.stdout) as { ok: boolean; rounds: unknown[] };
  assert.deepEqual([all.status, report.ok, report.rounds.length], [0, true, 1]);
});

test('an archive without a file has status 3, a round that is not in the log status 1', async () => {
  await store.remove(nameOf(CONTRIBUTORS[1]!));
  const missing = await audit(log, ...ROUND, '--archive', archive);
  assert.match(missing.stdout, /^Round 0 of job breast-cancer: CANNOT BE CHECKED: files are missing/);
  assert.match(missing.stdout, /cannot read .*site-b\.ciphertext: there is no such file/);
  assert.equal(missing.status, 3);
  const unknown = await audit(log, '--job', JOB, '--round', '5', '--archive', archive);
  assert.match(unknown.stdout, /^Round 5 of job breast-cancer: FAILED: the public log does not vouch/);
  assert.equal(unknown.status, 1);
});

test('a round whose encrypted updates are kept no longer has a verdict and a status of its own', async () => {
  for (const site of CONTRIBUTORS) await store.remove(nameOf(site));
  const { status, stdout } = await audit(log, ...ROUND, '--archive', archive, '--vkey', VKEY);
  assert.match(
    stdout,
    /^Round 0 of job breast-cancer: NOT VERIFIED IN FULL: its encrypted updates are kept no longer\./,
  );
  for (const name of ['ciphertexts', 'sum', 'checksums'])
    assert.match(stdout, new RegExp(`^  gone +${name} `, 'm'));
  for (const name of ['log', 'context', 'commitments', 'attestations', 'sealed'])
    assert.match(stdout, new RegExp(`^  ok +${name} `, 'm'));
  assert.equal(status, 4);
  const all = await audit(log, '--all', '--archive', archive, '--json');
  const report = JSON.parse(all.stdout) as { ok: boolean; verdict: string };
  assert.deepEqual([all.status, report.ok, report.verdict], [4, false, 'reduced']);
  const elsewhere = await audit(log, ...ROUND, '--archive', join(folder, 'nowhere'));
  assert.equal(elsewhere.status, 3, 'a wrong folder is no retention');
});

test('wrong usage has status 2', async () => {
  for (const args of [
    [log, ...ROUND],
    [log, '--archive', archive],
    [log, '--archive', archive, '--round', '0'],
    [log, '--archive', archive, ...ROUND, '--all'],
    [log, '--archive', archive, '--job', JOB, '--round', '1e3'],
    [log, '--archive', archive, '--all', '--job', 'other'],
  ]) {
    assert.equal((await audit(...args)).status, 2, args.join(' '));
  }
});
