import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openFileLogStore } from './file-log-store.ts';
import { openLogKeys } from './log-keys.ts';
import { appendIncidents, describeLogStore } from './log-store.contract.ts';
import { openLog } from './open-log.ts';

const root = await mkdtemp(join(tmpdir(), 'blindsum-log-'));
after(() => rm(root, { recursive: true }));
const newFolder = () => mkdtemp(join(root, 'case-'));

describeLogStore('FileLogStore', async () => {
  const folder = await newFolder();
  return () => openFileLogStore(folder);
});

test('the folder has the tlog-tiles layout, the records and the key', async () => {
  const folder = await newFolder();
  const log = await openLog({ folder, keys: await openLogKeys(await newFolder(), 'log.example.org') });
  await appendIncidents(log, 1, 2);
  const files = (await readdir(folder, { recursive: true }))
    .filter((path) => !path.startsWith('sequence'))
    .sort();
  const records = files.filter((path) => path.startsWith('records/'));
  assert.equal(records.length, 3);
  for (const path of ['checkpoint', 'log.vkey', 'tile/0/000.p/3', 'tile/entries/000.p/3']) {
    assert.ok(files.includes(path), path);
  }
  assert.equal(await readFile(join(folder, 'log.vkey'), 'utf8'), `${log.vkey}\n`);
  assert.match(await readFile(join(folder, 'checkpoint'), 'utf8'), /^log\.example\.org\n3\n/);
});

test('files that a crash left half-written are removed', async () => {
  const folder = await newFolder();
  await openFileLogStore(folder);
  await writeFile(join(folder, 'tmp', 'half'), 'half');
  await openFileLogStore(folder);
  assert.deepEqual(await readdir(join(folder, 'tmp')), []);
});

test('keys are made once, for their owner only, and belong to one log', async () => {
  const folder = join(await newFolder(), 'secrets', 'log');
  const made = await openLogKeys(folder, 'log.example.org');
  const read = await openLogKeys(folder, 'log.example.org');
  assert.deepEqual(read.checkpoint.key, made.checkpoint.key);
  assert.deepEqual(read.record.publicKeySpki, made.record.publicKeySpki);
  for (const file of await readdir(folder))
    assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600);
  assert.deepEqual((await readdir(folder)).sort(), ['checkpoint.skey', 'record-key.pem']);
  await assert.rejects(openLogKeys(folder, 'other.example.org'), { code: 'CONFIG_INVALID' });
});

test('two folders never get the same keys', async () => {
  const one = await openLogKeys(await newFolder(), 'log.example.org');
  const other = await openLogKeys(await newFolder(), 'log.example.org');
  assert.notDeepEqual(one.checkpoint.key, other.checkpoint.key);
  assert.notDeepEqual(one.record.publicKeySpki, other.record.publicKeySpki);
});

test('a folder is the log of one key for life', async () => {
  const folder = await newFolder();
  await openLog({ folder, keys: await openLogKeys(await newFolder(), 'log.example.org') });
  const otherKeys = await openLogKeys(await newFolder(), 'log.example.org');
  await assert.rejects(openLog({ folder, keys: otherKeys }), { code: 'CONFIG_INVALID' });
});
