import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import type { SiteId } from '@blindsum/proto';
import { readPassphrase } from '@blindsum/proto/node';
import { keysFormat } from './key-storage.ts';
import { addTlsKey, createSiteKeys, loadSiteKeys, removeTlsKeys, sealSiteKeys } from './site-keys.ts';

const directory = await mkdtemp(join(tmpdir(), 'blindsum-keys-'));
after(() => rm(directory, { recursive: true }));
afterEach(() => {
  delete process.env['TEST_PASSPHRASE'];
  delete process.env['CREDENTIALS_DIRECTORY'];
});

const SITE = 'hospital-a' as SiteId;
const passphrase = join(directory, 'passphrase');
await writeFile(passphrase, 'correct horse\n', { mode: 0o600 });
const SEALED = { passphrase: { file: passphrase } };
const invalid = (detail: RegExp) => ({ code: 'CONFIG_INVALID', detail });

test('keys under a passphrase are files that hold nothing readable, and the same keys again', async () => {
  const state = join(directory, 'sealed');
  const made = await createSiteKeys(state, SEALED);
  const loaded = await loadSiteKeys(state, SEALED);
  assert.deepEqual(loaded.member(SITE), made.member(SITE));
  for (const name of await readdir(join(state, 'keys'))) {
    const path = join(state, 'keys', name);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const text = await readFile(path, 'utf8');
    assert.match(text, /^\{"ciphertext":/);
    assert.ok(!text.includes('PRIVATE KEY'));
  }
  await assert.rejects(loadSiteKeys(state), invalid(/encrypted, and keys\.passphrase is not set/));
  process.env['TEST_PASSPHRASE'] = 'wrong';
  const wrong = { passphrase: { environment: 'TEST_PASSPHRASE' } };
  await assert.rejects(loadSiteKeys(state, wrong), invalid(/does not open/));
});

test('keys that are there are encrypted in place, and what is not encrypted is refused until then', async () => {
  const state = join(directory, 'plain');
  const made = await createSiteKeys(state);
  await assert.rejects(loadSiteKeys(state, SEALED), invalid(/seal-keys/));
  assert.equal(await sealSiteKeys(state, SEALED), 3);
  assert.equal(await sealSiteKeys(state, SEALED), 0);
  assert.deepEqual((await loadSiteKeys(state, SEALED)).member(SITE), made.member(SITE));
  await assert.rejects(sealSiteKeys(state, {}), invalid(/keys\.passphrase is not set/));
});

test('a passphrase comes from a private file, the environment or systemd', async () => {
  process.env['TEST_PASSPHRASE'] = 'from the environment';
  assert.equal(
    await readPassphrase({ passphrase: { environment: 'TEST_PASSPHRASE' } }),
    'from the environment',
  );
  assert.equal(await readPassphrase(SEALED), 'correct horse');
  await assert.rejects(readPassphrase({ passphrase: { credential: 'passphrase' } }), invalid(/systemd/));
  process.env['CREDENTIALS_DIRECTORY'] = directory;
  assert.equal(await readPassphrase({ passphrase: { credential: 'passphrase' } }), 'correct horse');
  assert.equal(await readPassphrase({}), undefined);
});

test('a passphrase that everybody can read, is missing, empty or of two lines is refused, and not shown', async () => {
  const open = join(directory, 'open');
  await writeFile(open, 'secret');
  await chmod(open, 0o644);
  await assert.rejects(readPassphrase({ passphrase: { file: open } }), invalid(/everybody can read/));
  await assert.rejects(
    readPassphrase({ passphrase: { file: join(directory, 'none') } }),
    invalid(/there is no such file/),
  );
  await assert.rejects(readPassphrase({ passphrase: { environment: 'TEST_NONE' } }), invalid(/TEST_NONE/));
  for (const text of ['', '\n', 'secret\nsecret', 'secret'.repeat(200)]) {
    process.env['TEST_PASSPHRASE'] = text;
    await assert.rejects(
      readPassphrase({ passphrase: { environment: 'TEST_PASSPHRASE' } }),
      invalid(/^((?!secret).)*$/),
    );
  }
});

test('keys that the platform provides are used from where they are, and none are made', async () => {
  const state = join(directory, 'provided');
  const made = await createSiteKeys(state);
  const file = (name: string) => ({ file: join(state, 'keys', name) });
  const from = { signing: file('signing.key'), sharing: file('sharing.key'), tls: file('tls.key') };
  const other = join(directory, 'elsewhere');
  assert.deepEqual((await loadSiteKeys(other, { from })).member(SITE), made.member(SITE));
  await assert.rejects(createSiteKeys(other, { from }), invalid(/the platform provides/));
});

test('the configuration names one place for each secret', () => {
  const bad = [
    { passphrase: { file: 'a', environment: 'B' } },
    { passphrase: 'correct horse' },
    {
      passphrase: { file: 'a' },
      from: { signing: { file: 'a' }, sharing: { file: 'a' }, tls: { file: 'a' } },
    },
    { from: { signing: { file: 'a' } } },
    { passphrase: { credential: '../x' } },
  ];
  for (const value of bad) assert.equal(keysFormat.safeParse(value).success, false);
});

test('TLS keys that follow the first one are kept with it, under the same passphrase, until another is in use', async () => {
  const state = join(directory, 'later');
  await createSiteKeys(state, SEALED);
  const [second, third] = [await addTlsKey(state, SEALED), await addTlsKey(state, SEALED)];
  assert.equal((await loadSiteKeys(state, SEALED)).laterTlsKeys.length, 2);
  await removeTlsKeys(state, third);
  const { laterTlsKeys } = await loadSiteKeys(state, SEALED);
  assert.ok(laterTlsKeys.length === 1 && laterTlsKeys[0]!.equals(third) && !third.equals(second));
});
