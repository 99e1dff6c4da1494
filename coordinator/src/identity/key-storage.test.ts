import assert from 'node:assert/strict';
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { toHex } from '@blindsum/proto';
import { openLogKeys } from '../log/log-keys.ts';
import { loadAuthority } from './authority-files.ts';
import { keysFormat, type KeyStorage } from './key-storage.ts';
import { sealKeys } from './seal-keys.ts';

const root = await mkdtemp(join(tmpdir(), 'blindsum-coordinator-keys-'));
after(() => rm(root, { recursive: true }));
const newState = () => mkdtemp(join(root, 'state-'));

const passphrase = join(root, 'passphrase');
await writeFile(passphrase, 'correct horse\n', { mode: 0o600 });
const SEALED: KeyStorage = { passphrase: { file: passphrase } };
const SECRETS = ['identity/authority.key', 'log-keys/checkpoint.skey', 'log-keys/record-key.pem'];
const invalid = (detail: RegExp) => ({ code: 'CONFIG_INVALID', detail });

const loadLog = (state: string, keys?: KeyStorage) =>
  openLogKeys(join(state, 'log-keys'), 'log.example', keys);
const loadOwn = (state: string, keys: KeyStorage = {}) =>
  loadAuthority(state, 'test.example', Date.now(), { keys });

/** What tells whether two sets of keys are the same. */
async function load(state: string, keys: KeyStorage = {}): Promise<string[]> {
  const log = await loadLog(state, keys);
  const { fingerprint } = await loadOwn(state, keys);
  return [toHex(log.checkpoint.key.keyId), toHex(log.record.publicKeySpki), fingerprint];
}

test('keys under a passphrase are files that hold nothing readable, and the same keys again', async () => {
  const state = await newState();
  const made = await load(state, SEALED);
  assert.deepEqual(await load(state, SEALED), made);
  for (const name of SECRETS) {
    const text = await readFile(join(state, name), 'utf8');
    assert.match(text, /^\{"ciphertext":/);
    assert.doesNotMatch(text, /PRIVATE/);
  }
});

test('without its passphrase, or with another, none of the keys is opened, and none is made anew', async () => {
  const state = await newState();
  await load(state, SEALED);
  const before = await readdir(state, { recursive: true });
  const other = join(root, 'other');
  await writeFile(other, 'correct house', { mode: 0o600 });
  const notSet = invalid(/encrypted, and keys\.passphrase is not set/);
  const wrong = invalid(/does not open with this passphrase/);
  for (const loadKeys of [loadLog, loadOwn]) {
    await assert.rejects(loadKeys(state), notSet);
    await assert.rejects(loadKeys(state, { passphrase: { file: other } }), wrong);
  }
  assert.deepEqual(await readdir(state, { recursive: true }), before);
});

test('keys that are there are encrypted in place, and refused until then', async () => {
  const state = await newState();
  const made = await load(state);
  await assert.rejects(loadLog(state, SEALED), invalid(/blindsum-coordinator seal-keys/));
  await assert.rejects(loadOwn(state, SEALED), invalid(/blindsum-coordinator seal-keys/));
  assert.equal(await sealKeys(state, SEALED), 3);
  assert.equal(await sealKeys(state, SEALED), 0);
  assert.deepEqual(await load(state, SEALED), made);
  await assert.rejects(sealKeys(state, {}), invalid(/keys\.passphrase is not set/));
});

test('an encrypted key that was put in the place of another does not open', async () => {
  const state = await newState();
  await load(state, SEALED);
  await cp(join(state, SECRETS[2]!), join(state, SECRETS[1]!));
  await assert.rejects(loadLog(state, SEALED), invalid(/was changed/));
});

test('keys that the platform provides are used from where they are, and none is made', async () => {
  const made = await newState();
  const expected = await load(made);
  const [authority, checkpoint, record] = SECRETS.map((name) => ({ file: join(made, name) }));
  const from = { authority: authority!, checkpoint: checkpoint!, record: record! };
  const state = await newState();
  await assert.rejects(loadOwn(state, { from }), invalid(/authority\.pem: is missing/));
  await cp(join(made, 'identity/authority.pem'), join(state, 'identity/authority.pem'));
  assert.deepEqual(await load(state, { from }), expected);
  const found = await readdir(state, { recursive: true });
  assert.deepEqual(found.sort(), ['identity', 'identity/authority.pem', 'log-keys']);
  await assert.rejects(
    loadLog(await newState(), { from: { ...from, record: { environment: 'TEST_NONE' } } }),
    invalid(/^keys\.from\.record: the environment has no TEST_NONE$/),
  );
});

test('a key of something else, a damaged one and one that others can read are refused, and not shown', async () => {
  const [state, other] = [await newState(), await newState()];
  await load(state);
  await load(other);
  await cp(join(other, SECRETS[0]!), join(state, SECRETS[0]!));
  await assert.rejects(loadOwn(state), invalid(/not that of identity\/authority\.pem/));
  for (const name of SECRETS) await writeFile(join(state, name), '-PRIVATE 1234');
  for (const loadKeys of [loadLog, loadOwn])
    await assert.rejects(loadKeys(state), invalid(/^(?!.*1234).*damaged/));
  for (const name of SECRETS) await chmod(join(other, name), 0o640);
  for (const loadKeys of [loadLog, loadOwn])
    await assert.rejects(loadKeys(other), invalid(/others can read this key/));
});

test('the configuration names one place for each secret', () => {
  const source = { file: 'a' };
  const bad = [
    { passphrase: 'correct horse' },
    { passphrase: source, from: { checkpoint: source, record: source } },
    { from: { checkpoint: source } },
    { from: { checkpoint: source, record: { file: 'a', environment: 'B' } } },
  ];
  for (const value of bad) assert.equal(keysFormat.safeParse(value).success, false);
  assert.ok(keysFormat.safeParse({ from: { checkpoint: source, record: source } }).success);
});
