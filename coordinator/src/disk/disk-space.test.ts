import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { createDiskSpace } from './disk-space.ts';

test('the room on a disk is asked for once a second, also when the clock is set back', async () => {
  let nowMs = 10_000;
  const space = createDiskSpace(tmpdir(), { nowMs: () => nowMs });
  const first = space.freeBytes();
  assert.ok((await first) > 0);
  nowMs += 999;
  assert.equal(space.freeBytes(), first);
  nowMs += 1;
  const second = space.freeBytes();
  assert.notEqual(second, first);
  nowMs = 5;
  assert.notEqual(space.freeBytes(), second);
});

test('a folder that is not there is an error', async () => {
  await assert.rejects(createDiskSpace('/nowhere', { nowMs: () => 0 }).freeBytes(), { code: 'ENOENT' });
});
