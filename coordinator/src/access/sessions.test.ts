import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryApiKeyStore } from '../storage/memory-api-key-store.ts';
import { MemorySessionStore } from '../storage/memory-session-store.ts';
import { ApiKeys } from './api-keys.ts';
import { hashSecret } from './secret-hash.ts';
import { IDLE_MS, SESSION_MS, Sessions } from './sessions.ts';

const PERSON = { kind: 'person', issuer: 'https://id.example', subject: 'alice', scope: 'operator' } as const;

async function open(issuer: string | undefined = PERSON.issuer) {
  const clock = { now: 1_000_000, nowMs: () => clock.now };
  const store = new MemorySessionStore();
  const keys = new ApiKeys(new MemoryApiKeyStore(), clock);
  const { key, name, scope } = (await keys.create({ name: 'k', scope: 'read', lifetimeMs: SESSION_MS / 2 }))
    .stored;
  const holder = { kind: 'key', key, name, scope } as const;
  return { clock, store, keys, holder, sessions: new Sessions({ store, keys, clock, issuer }) };
}

const ended = { code: 'UNAUTHENTICATED' };

test('a session is opened by its secret alone, which is kept nowhere', async () => {
  const { sessions, store } = await open();
  const [secret, other] = [await sessions.create(PERSON), await sessions.create(PERSON)];
  assert.notEqual(secret, other);
  assert.deepEqual((await sessions.open(secret)).actor, PERSON);
  for (const wrong of [
    '',
    secret.slice(1),
    `${secret}0`,
    secret.toUpperCase(),
    hashSecret(secret),
    '0'.repeat(64),
  ])
    await assert.rejects(sessions.open(wrong), ended, wrong);
  assert.equal((await store.load(hashSecret(secret)))?.hash, hashSecret(secret));
  assert.doesNotMatch(JSON.stringify(await store.load(hashSecret(secret))), new RegExp(secret));
});

test('a session that nobody uses ends, and one in use ends too in the end', async () => {
  const { sessions, clock } = await open();
  const [idle, used] = [await sessions.create(PERSON), await sessions.create(PERSON)];
  const endsMs = clock.now + SESSION_MS;
  while (clock.now + IDLE_MS - 1 < endsMs) {
    clock.now += IDLE_MS - 1;
    await sessions.open(used);
  }
  await assert.rejects(sessions.open(idle), ended);
  clock.now = endsMs - 1;
  await sessions.open(used);
  clock.now = endsMs;
  await assert.rejects(sessions.open(used), ended);
});

test('signing out ends one session at once', async () => {
  const { sessions } = await open();
  const [secret, other] = [await sessions.create(PERSON), await sessions.create(PERSON)];
  await sessions.end(await sessions.open(secret));
  await assert.rejects(sessions.open(secret), ended);
  await sessions.open(other);
});

test('a session of an API key ends with the key', async () => {
  const { sessions, keys, holder, clock } = await open();
  const secret = await sessions.create(holder);
  await sessions.open(secret);
  await keys.revoke(holder.key);
  await assert.rejects(sessions.open(secret), ended);
  const { stored } = await keys.create({ name: 'short', scope: 'read', lifetimeMs: 10 });
  const brief = await sessions.create({ ...holder, key: stored.key });
  clock.now += 10;
  await assert.rejects(sessions.open(brief), ended);
});

test('a session of a provider that is believed no more has ended', async () => {
  const { store, keys, clock, sessions } = await open();
  const secret = await sessions.create(PERSON);
  for (const issuer of [undefined, 'https://other.example'])
    await assert.rejects(new Sessions({ store, keys, clock, issuer }).open(secret), ended);
});

test('what has ended is removed when somebody signs in', async () => {
  const { sessions, store, clock } = await open();
  const hash = hashSecret(await sessions.create(PERSON));
  clock.now += IDLE_MS;
  await sessions.create(PERSON);
  assert.equal(await store.load(hash), undefined);
});
