import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { utf8, type Bytes, type JobId } from '@blindsum/proto';
import { parseBundle } from '@blindsum/proto/provenance';
import { parseRecord, type LogRecord } from '@blindsum/proto/tlog';
import { openFolderLogReader } from '../folder-log-reader.ts';
import { fsck } from '../fsck.ts';
import { LOG_KEY } from '../kept-proof.fixture.ts';
import {
  createMapReader,
  digestOf,
  JOB,
  MANIFEST_HASH,
  RECORD_SIGNER,
  recordOf,
  ROSTER_HASH,
  sampleRecords,
  VKEY,
} from '../sample-log.fixture.ts';
import { writeSteadyLog } from '../steady-log.fixture.ts';
import { verifyProof } from '../verify-proof.ts';
import { exportLog } from './export-log.ts';
import { openExportTarget } from './export-target.ts';

const root = await mkdtemp(join(tmpdir(), 'blindsum-export-'));
after(() => rm(root, { recursive: true }));

const OTHER_JOB = 'another-job' as JobId;
const RECORDS: LogRecord[] = [...sampleRecords(2), otherManifest()];
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

function otherManifest(): LogRecord {
  const terms = { job: OTHER_JOB, manifestHash: MANIFEST_HASH, rosterHash: ROSTER_HASH };
  return recordOf('manifest', {
    ...terms,
    author: ROSTER_HASH,
    authorSignature: '0'.repeat(128),
    consents: [],
  });
}

/** What an export writes. */
async function exported(files: ReadonlyMap<string, Bytes>, job?: JobId) {
  const kept = new Map<string, Bytes>();
  const sink = (path: string, bytes: Bytes) => Promise.resolve(void kept.set(path, bytes));
  const report = await exportLog({ reader: createMapReader(files), sink, job, vkey: VKEY });
  return { kept, report };
}

/** The export as a file or folder of that name. */
async function exportTo(name: string, isZip: boolean, job?: JobId): Promise<string> {
  const path = join(root, name);
  const target = await openExportTarget(path, isZip);
  await exportLog({ reader: createMapReader(writeSteadyLog(RECORDS)), sink: target.write, job, vkey: VKEY });
  await target.finish();
  return path;
}

/** Of the files in a zip that is not compressed, in their order (APPNOTE.TXT section 4.3.7). */
function namesIn(zip: Buffer): string[] {
  const names: string[] = [];
  for (let at = zip.indexOf('PK\u0003\u0004'); at >= 0; at = zip.indexOf('PK\u0003\u0004', at + 1))
    names.push(zip.subarray(at + 30, at + 30 + zip.readUInt16LE(at + 26)).toString());
  return names;
}

test('an exported folder is the log: it passes the same check, with the same tree', async () => {
  const report = await fsck(await openFolderLogReader(await exportTo('whole', false)), VKEY);
  const original = await fsck(createMapReader(writeSteadyLog(RECORDS)), VKEY);
  assert.deepEqual({ ...report, source: '' }, { ...original, source: '' });
  assert.equal(report.ok, true);
});

test('an export has what it says, and says what it has', async () => {
  const { kept, report } = await exported(writeSteadyLog(RECORDS).set('policy', utf8('quorum none\n')));
  assert.deepEqual([...kept.keys()].filter((path) => !path.startsWith('records/')).sort(), [
    'README.txt',
    'checkpoint',
    'log.vkey',
    'policy',
    'record-key.pem',
    'tile/0/000.p/8',
    'tile/entries/000.p/8',
  ]);
  assert.deepEqual([report.files, report.job, report.ok], [kept.size, null, true]);
  const readme = Buffer.from(kept.get('README.txt')!).toString();
  for (const said of ['log.example.org', VKEY, report.root]) assert.ok(readme.includes(said), said);
});

test('of one job, each record has a bundle that verifies without the log, and the other job is left out', async () => {
  const { kept } = await exported(writeSteadyLog(RECORDS), JOB);
  const bundles = [...kept].filter(([path]) => path.startsWith('bundles/'));
  assert.equal(bundles.length, 7);
  const trust = { logKeys: [LOG_KEY], recordKey: RECORD_SIGNER.publicKeySpki };
  for (const [path, proof] of bundles) {
    const report = verifyProof({ proof }, trust);
    assert.deepEqual([report.ok, `bundles/${report.entry}.sigstore.json`], [true, path]);
    const { predicate } = parseRecord(parseBundle(proof).envelope.payload);
    assert.ok(!('job' in predicate) || predicate.job === JOB);
  }
  assert.equal(kept.has(`records/${digestOf(RECORDS[7]!)}.json`), false);
});

test('a log that is not in order is kept as it is, and said not to be', async () => {
  const files = writeSteadyLog(RECORDS);
  files.delete(`records/${digestOf(RECORDS[4]!)}.json`);
  const { kept, report } = await exported(files);
  assert.equal(report.ok, false);
  assert.match(
    Buffer.from(kept.get('README.txt')!).toString(),
    /\nIT WAS NOT IN ORDER when it was exported\./,
  );
});

test('a zip has the same bytes whenever and wherever it is made', async () => {
  const one = await readFile(await exportTo('one.zip', true));
  const other = await readFile(await exportTo('other.zip', true));
  assert.deepEqual(one, other);
  const elsewhere = join(root, 'elsewhere.zip');
  const main = join(import.meta.dirname, '../main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, 'export', await exportTo('again', false)];
  execFileSync(process.execPath, [...args, '--zip', '--to', elsewhere], {
    env: { ...process.env, TZ: 'Pacific/Kiritimati' },
  });
  assert.deepEqual(await readFile(elsewhere), one);
  const names = namesIn(one);
  assert.deepEqual([names.length, names], [14, names.toSorted()]);
});

test('what is there already is not written over, and nothing half made is left', async () => {
  const path = await exportTo('there', false);
  await assert.rejects(openExportTarget(path, true), { code: 'CONFIG_INVALID' });
  const target = await openExportTarget(join(root, 'dropped'), false);
  await target.write('a/b', utf8('c'));
  await target.drop();
  await assert.rejects(stat(join(root, 'dropped')));
  await assert.rejects(stat(join(root, 'dropped.part')));
  await writeFile(join(root, 'file'), '');
  await assert.rejects(openExportTarget(join(root, 'file/under'), false), { code: 'UNAVAILABLE' });
});

test(
  'the commands that README.txt gives for OpenSSL verify a record',
  { skip: hasOpenssl ? false : 'OpenSSL is not installed' },
  async () => {
    const folder = await exportTo('for-openssl', false);
    const readme = await readFile(join(folder, 'README.txt'), 'utf8');
    const digest = digestOf(RECORDS[4]!);
    const lines = readme
      .split('\n')
      .filter((line) => line.startsWith('    ') && !line.includes('openssl ts'));
    const script = lines.join('\n').replace('<sha256>', digest);
    const printed = execFileSync('sh', ['-e', '-c', script], { cwd: folder, encoding: 'utf8' });
    assert.equal(printed, `Verified OK\n${digest}  signed\n`);
  },
);
