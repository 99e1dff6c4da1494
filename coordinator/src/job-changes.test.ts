import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import { JobChanges } from './job-changes.ts';

const JOB = 'job' as JobId;
const never = new AbortController().signal;

test('a change between looking and waiting is not missed', async () => {
  const changes = new JobChanges();
  const seen = changes.count(JOB);
  changes.announce(JOB);
  await changes.after(JOB, seen, never);
});

test('a change wakes everyone who waits for that job, and nobody else', async () => {
  const changes = new JobChanges();
  const woken: string[] = [];
  const waits = ['one', 'two'].map(async (name) => {
    await changes.after(JOB, 0, never);
    woken.push(name);
  });
  changes.announce('other' as JobId);
  await Promise.resolve();
  assert.deepEqual(woken, []);
  changes.announce(JOB);
  await Promise.all(waits);
  assert.deepEqual(woken, ['one', 'two']);
});

test('whoever gives up waiting is woken', async () => {
  const changes = new JobChanges();
  const giveUp = new AbortController();
  const wait = changes.after(JOB, 0, giveUp.signal);
  giveUp.abort();
  await wait;
  await changes.after(JOB, 0, giveUp.signal);
});
