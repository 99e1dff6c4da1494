import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { patient } from './disk/patient.ts';
import { startTickLoop } from './tick-loop.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('ticks never overlap, and stopping waits for the one under way', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let running = 0;
  let ticks = 0;
  const gates: (() => void)[] = [];
  const loop = startTickLoop(
    async () => {
      assert.equal(++running, 1);
      ticks++;
      await new Promise<void>((resolve) => gates.push(resolve));
      running--;
    },
    200,
    (error) => assert.ifError(error),
  );
  t.mock.timers.tick(1000);
  assert.equal(ticks, 1);
  gates.shift()!();
  await settle();
  t.mock.timers.tick(200);
  assert.equal(ticks, 2);
  let isStopped = false;
  const stopped = loop.stop().then(() => (isStopped = true));
  await settle();
  assert.equal(isStopped, false);
  gates.shift()!();
  await stopped;
  t.mock.timers.tick(1000);
  assert.equal(ticks, 2);
});

test('an error ends the loop and is told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const crash = mock.fn();
  const tick = mock.fn(async () => {
    throw new Error('disk');
  });
  startTickLoop(tick, 200, crash);
  t.mock.timers.tick(200);
  await settle();
  t.mock.timers.tick(1000);
  assert.equal(crash.mock.callCount(), 1);
  assert.equal(tick.mock.callCount(), 1);
});

test('a loop whose work finds the disk full goes on, and says so', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const crash = mock.fn();
  const noteFull = mock.fn();
  const work = mock.fn(async () => {
    if (work.mock.callCount() === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  const loop = startTickLoop(patient(work, { noteFull }), 200, crash);
  for (let tick = 0; tick < 3; tick++) {
    t.mock.timers.tick(200);
    await settle();
  }
  assert.deepEqual([work.mock.callCount(), noteFull.mock.callCount(), crash.mock.callCount()], [3, 1, 0]);
  await loop.stop();
});
