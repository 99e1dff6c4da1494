import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { MemoryApiKeyStore } from '../storage/memory-api-key-store.ts';
import { ApiKeys, type KeyTerms } from './api-keys.ts';

const TERMS: KeyTerms = { name: 'console', scope: 'operator', lifetimeMs: undefined };
const HOUR_MS = 3_600_000;

function open() {
  const clock = { now: 1_000_000, nowMs: () => clock.now };
  const store = new MemoryApiKeyStore();
  return { clock, store, keys: new ApiKeys(store, clock) };
}

const unknown = { code: 'UNAUTHENTICATED', detail: 'the API key is not known' };

test('a credential opens its own key, and the secret is kept nowhere', async () => {
  const { keys, store } = open();
  const { credential, stored } = await keys.create(TERMS);
  assert.match(credential, /^bsk_[0-9a-f]{16}_[0-9a-f]{64}$/);
  assert.equal((await keys.authenticate(credential)).key, stored.key);
  assert.doesNotMatch(JSON.stringify(await store.list()), new RegExp(credential.slice(-64)));
});

test('no two credentials are alike, also of keys with one name', async () => {
  const { keys } = open();
  const made = await Promise.all(Array.from({ length: 50 }, () => keys.create(TERMS)));
  assert.equal(new Set(made.map(({ credential }) => credential)).size, 50);
  assert.equal(new Set(made.map(({ credential }) => credential.slice(-64))).size, 50);
});

test('what is no credential, one of no key and one with another secret are refused in the same words', async () => {
  const { keys } = open();
  const [{ credential }, other] = [await keys.create(TERMS), await keys.create(TERMS)];
  const wrong = [
    '',
    'bsk_',
    credential.slice(0, -1),
    `${credential}0`,
    `${credential}\n`,
    credential.toUpperCase(),
    credential.replace('bsk_', 'bsx_'),
    `bsk_${'0'.repeat(16)}_${credential.slice(-64)}`,
    `${credential.slice(0, 21)}${other.credential.slice(-64)}`,
    credential.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
  ];
  for (const text of wrong) await assert.rejects(keys.authenticate(text), unknown, text);
});

test('a key ends with its time', async () => {
  const { keys, clock } = open();
  const { credential } = await keys.create({ ...TERMS, lifetimeMs: HOUR_MS });
  clock.now += HOUR_MS - 1;
  await keys.authenticate(credential);
  clock.now += 1;
  const expired = { code: 'UNAUTHENTICATED', detail: 'the API key has expired' };
  await assert.rejects(keys.authenticate(credential), expired);
  // Who does not hold the secret learns nothing of it.
  await assert.rejects(keys.authenticate(credential.replace(/.{3}$/, '123')), unknown);
});

test('a key that is revoked ends at once, and stays revoked', async () => {
  const { keys, clock } = open();
  const { credential, stored } = await keys.create(TERMS);
  const revoked = await keys.revoke(stored.key);
  clock.now += 1;
  assert.deepEqual(await keys.revoke(stored.key), revoked);
  await assert.rejects(keys.authenticate(credential), { detail: 'the API key was revoked' });
  await assert.rejects(keys.rotate(stored.key, HOUR_MS), { code: 'WRONG_PHASE' });
  await assert.rejects(keys.revoke('0'.repeat(16)), { code: 'NOT_FOUND' });
});

test('after a rotation the secret before is good until the overlap ends, and the one before that no more', async () => {
  const { keys, clock } = open();
  const { credential: first, stored } = await keys.create(TERMS);
  const { credential: second } = await keys.rotate(stored.key, HOUR_MS);
  for (const good of [first, second]) assert.equal((await keys.authenticate(good)).key, stored.key);
  const { credential: third } = await keys.rotate(stored.key, HOUR_MS);
  await assert.rejects(keys.authenticate(first), unknown);
  clock.now += HOUR_MS;
  await assert.rejects(keys.authenticate(second), unknown);
  await keys.authenticate(third);
  await keys.rotate(stored.key, 0);
  await assert.rejects(keys.authenticate(third), unknown);
});

test('rotations at the same instant all hold', async () => {
  const { keys } = open();
  const { stored } = await keys.create(TERMS);
  const rotated = await Promise.all([1, 2].map(() => keys.rotate(stored.key, HOUR_MS)));
  for (const { credential } of rotated) await keys.authenticate(credential);
});

test('a revocation while another secret is made is not undone by it', async () => {
  const { keys, store } = open();
  const { stored } = await keys.create(TERMS);
  const replace = store.replace.bind(store);
  // The rotation has read the key, and the revocation comes first.
  store.replace = async (before, change) => {
    store.replace = replace;
    await keys.revoke(stored.key);
    return store.replace(before, change);
  };
  await assert.rejects(keys.rotate(stored.key, HOUR_MS), { code: 'WRONG_PHASE' });
});

test('the last use is noted to the minute', async () => {
  const { keys, clock, store } = open();
  const { credential, stored } = await keys.create(TERMS);
  const start = clock.now;
  for (const later of [0, 59_999, 60_000]) {
    clock.now = start + later;
    await keys.authenticate(credential);
    const { lastUsedMs } = (await store.load(stored.key))!;
    assert.equal(lastUsedMs, later === 60_000 ? start + 60_000 : start);
  }
});

test('a key is good on a full disk, where its use cannot be noted', async () => {
  const { keys, store } = open();
  const { credential, stored } = await keys.create(TERMS);
  store.used = async () => {
    throw new Refusal('QUOTA_EXCEEDED', 'full');
  };
  assert.equal((await keys.authenticate(credential)).key, stored.key);
  store.used = async () => {
    throw new Error('broken');
  };
  await assert.rejects(keys.authenticate(credential), /broken/);
});
