import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Digest } from '@blindsum/proto';
import { openSqliteDatabase } from './database.ts';
import { createSqliteWriteStore } from './sqlite-write-store.ts';
import type { Database } from './tables.ts';

const opened: Database[] = [];
after(() => Promise.all(opened.map((database) => database.destroy())));

async function open() {
  const database = await openSqliteDatabase(':memory:');
  opened.push(database);
  return createSqliteWriteStore(database);
}

const digestOf = (n: number) => n.toString(16).padStart(64, '0') as Digest;
const writeOf = (n: number) => ({ name: digestOf(n), request: digestOf(100 + n), begunMs: n });

test('a write begins once under its name, and is found with its answer, and without a secret one', async () => {
  const store = await open();
  assert.equal(await store.begin(writeOf(1)), undefined);
  assert.deepEqual(await store.begin({ ...writeOf(2), name: digestOf(1) }), {
    ...writeOf(1),
    answer: undefined,
  });
  const answer = { status: 201, location: '/v1/jobs/x', text: '{}' };
  await store.finish(digestOf(1), answer);
  assert.deepEqual((await store.begin(writeOf(1)))?.answer, answer);
  const secret = { status: 200, location: undefined, text: undefined };
  await store.begin(writeOf(2));
  await store.finish(digestOf(2), secret);
  assert.deepEqual((await store.begin(writeOf(2)))?.answer, secret);
  await store.finish(digestOf(7), answer);
  assert.equal(await store.begin(writeOf(7)), undefined);
});

test('what is removed, and what is old, can begin again', async () => {
  const store = await open();
  for (const n of [1, 2, 3]) await store.begin(writeOf(n));
  await store.remove(digestOf(3));
  await store.removeBefore(2);
  const before = await Promise.all([1, 2, 3].map((n) => store.begin(writeOf(n))));
  assert.deepEqual(
    before.map((write) => write?.begunMs),
    [undefined, 2, undefined],
  );
});
