import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEncryptorPair } from './encryptor-pair.ts';
import type { Encryptor } from './encryptor.ts';

/** Encryptors that never finish encrypting, and count themselves. */
function fakes() {
  const opened: { isClosed: boolean }[] = [];
  const open = () => {
    const state = { isClosed: false };
    opened.push(state);
    return {
      encrypt: () => new Promise(() => {}),
      openShares: async () => ({ badDealers: [], sum: undefined }),
      close: async () => {
        state.isClosed = true;
      },
    } as unknown as Encryptor;
  };
  return { opened, open };
}

test('the shares of one job are opened while the update of another is encrypted', async () => {
  const { opened, open } = fakes();
  const pair = createEncryptorPair(open);
  void pair.encrypt({} as never);
  assert.deepEqual(await pair.openShares({} as never), { badDealers: [], sum: undefined });
  await pair.openShares({} as never);
  assert.equal(opened.length, 2);
});

test('a worker is started with its first task, closed with the others, and never started after that', async () => {
  const { opened, open } = fakes();
  const pair = createEncryptorPair(open);
  assert.equal(opened.length, 0);
  await pair.openShares({} as never);
  assert.equal(opened.length, 1);
  await pair.close();
  assert.deepEqual(opened, [{ isClosed: true }]);
  assert.throws(() => void pair.encrypt({} as never), /closed/);
});
