import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedQueue } from './keyed-queue.ts';

test('tasks of one key run one after another, those of others beside them', async () => {
  const queue = new KeyedQueue();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = queue.run('a', async () => {
    await gate.promise;
    seen.push('a1');
  });
  const second = queue.run('a', async () => void seen.push('a2'));
  await queue.run('b', async () => void seen.push('b'));
  gate.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(seen, ['b', 'a1', 'a2']);
});

test('a task that fails is reported to its caller only', async () => {
  const queue = new KeyedQueue();
  const failed = queue.run('a', () => Promise.reject(new Error('no')));
  const next = queue.run('a', async () => 'yes');
  await assert.rejects(failed, /no/);
  assert.equal(await next, 'yes');
});
