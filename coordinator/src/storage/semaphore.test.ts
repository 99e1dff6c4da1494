import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSemaphore } from './semaphore.ts';

test('no more than the permitted number run at once, in the order of their calls', async () => {
  const semaphore = createSemaphore(3);
  let running = 0;
  let most = 0;
  const started: number[] = [];
  const operation = (n: number) => async (): Promise<number> => {
    started.push(n);
    most = Math.max(most, ++running);
    for (let i = 0; i < n % 4; i++) await Promise.resolve();
    running--;
    return n;
  };
  const numbers = Array.from({ length: 20 }, (_, n) => n);
  assert.deepEqual(await Promise.all(numbers.map((n) => semaphore.run(operation(n)))), numbers);
  assert.equal(most, 3);
  assert.deepEqual(started, numbers);
});

test('an operation that throws gives its permit back', async () => {
  const semaphore = createSemaphore(1);
  const failing = semaphore.run(() => Promise.reject(new Error('failed')));
  const next = semaphore.run(async () => 'ran');
  await assert.rejects(failing, /failed/);
  assert.equal(await next, 'ran');
  assert.equal(await semaphore.run(async () => 'ran again'), 'ran again');
});
