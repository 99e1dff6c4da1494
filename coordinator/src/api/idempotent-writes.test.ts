import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { Refusal, type TrailActor } from '@blindsum/proto';
import { openSqliteDatabase } from '../storage/database.ts';
import { createSqliteWriteStore } from '../storage/sqlite-write-store.ts';
import type { Database } from '../storage/tables.ts';
import { IdempotentWrites, KEPT_MS, type AskedWrite } from './idempotent-writes.ts';
import type { KeptAnswer } from './write-store.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

let writes: IdempotentWrites;
let another: () => IdempotentWrites;
const clock = { ms: 1_000_000_000_000 };
let done: number;

beforeEach(async () => {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  another = () => new IdempotentWrites(createSqliteWriteStore(database), { nowMs: () => clock.ms });
  writes = another();
  done = 0;
});

const alice: TrailActor = { kind: 'key', key: '0123456789abcdef', name: 'a', scope: 'operator' };
const asked: AskedWrite = {
  ...{ actor: alice, key: 'k', method: 'POST', url: '/v1/jobs', body: Buffer.from('{}') },
};
const act = async (): Promise<KeptAnswer> => ({ status: 201, location: '/x', text: `${++done}` });
const conflicts = (detail: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.code === 'CONFLICTING_SUBMISSION' && detail.test(error.detail);

test('the same again is done once and answered alike, at the same time and after a restart', async () => {
  const both = await Promise.all([writes.once(asked, act), writes.once(asked, act), writes.once(asked, act)]);
  const restarted = await another().once(asked, act);
  assert.equal(done, 1);
  for (const { answer } of [...both, restarted])
    assert.deepEqual(answer, { status: 201, location: '/x', text: '1' });
  assert.deepEqual(
    [...both, restarted].map(({ isRepeated }) => isRepeated),
    [false, true, true, true],
  );
});

test('another body, path or method under the same key is refused; another caller’s key is another key', async () => {
  await writes.once(asked, act);
  for (const changed of [{ body: Buffer.from('{ }') }, { url: '/v1/keys' }, { method: 'DELETE' }])
    await assert.rejects(writes.once({ ...asked, ...changed }, act), conflicts(/another request/));
  assert.equal(done, 1);
  const others: TrailActor[] = [
    { ...alice, key: 'fedcba9876543210' },
    { kind: 'local', user: '0123456789abcdef', claimed: true },
    { kind: 'person', issuer: 'https://id.example', subject: 'alice', scope: 'operator' },
  ];
  for (const actor of others) await writes.once({ ...asked, actor }, act);
  assert.equal(done, 4);
  // Whatever the key is called by now.
  assert.equal((await writes.once({ ...asked, actor: { ...alice, name: 'b' } }, act)).isRepeated, true);
});

test('what was refused has changed nothing, and may be asked again', async () => {
  const refuse = () => Promise.reject(new Refusal('WRONG_PHASE', 'not now'));
  await assert.rejects(writes.once(asked, refuse), /not now/);
  assert.equal((await writes.once(asked, act)).isRepeated, false);
});

test('what a crash interrupted is not done again, and it is said that nobody knows', async () => {
  const crash = () => Promise.reject(new Error('the power is gone'));
  await assert.rejects(writes.once(asked, crash), /the power is gone/);
  for (const one of [writes, another()])
    await assert.rejects(
      one.once(asked, act),
      conflicts(/^this was begun at 2001-09-09T01:46:40.000Z and interrupted/),
    );
  assert.equal(done, 0);
});

test('an answer that held a secret is not told twice, nor done twice', async () => {
  await writes.once(asked, async () => ({ ...(await act()), text: undefined }));
  await assert.rejects(writes.once(asked, act), conflicts(/held a secret that is told once/));
  assert.equal(done, 1);
});

test('a key is forgotten after a day, and not before', async () => {
  await writes.once(asked, act);
  clock.ms += KEPT_MS;
  assert.equal((await writes.once(asked, act)).isRepeated, true);
  clock.ms += 1;
  assert.equal((await writes.once(asked, act)).isRepeated, false);
  assert.equal(done, 2);
});
