import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isLocked, lockState } from './state-lock.ts';

test('who asks whether an agent runs takes nothing from it, and a second agent is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'blindsum-lock-'));
  try {
    assert.equal(isLocked(folder), false, 'no agent ever ran');
    const lock = lockState(folder);
    assert.equal(isLocked(folder), true);
    assert.throws(() => lockState(folder), { code: 'CONFIG_INVALID' });
    lock.release();
    assert.equal(isLocked(folder), false);
    lockState(folder).release();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
