// Every call of the log's files to the disk, broken in every way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@blindsum/proto';
import { breakEachCall } from '../../../test/fixtures/disk/broken-calls.ts';
import type { SimulatedDisk } from '../../../test/fixtures/disk/simulated-disk.ts';
import { openFileLogStore } from './file-log-store.ts';
import { createLogKeys } from './log-keys.ts';
import { appendIncidents } from './log-store.contract.ts';
import { openSequencer } from './sequencer.ts';

const PATH = 'tile/0/000.p/1';
const OLD = utf8('old');
const NEW = utf8('new');
const storeOn = (disk: SimulatedDisk) => openFileLogStore(`${disk.root}/log`);
const power = (disk: SimulatedDisk) => disk.losePower(() => false);
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

test('a file that is created with a call broken is there as a whole or not at all, and the same again makes it so', async () => {
  await breakEachCall({
    prepare: async () => {},
    act: async (disk) => (await storeOn(disk)).create(PATH, NEW),
    async check(disk, what, isAcknowledged) {
      const left = textOf(await (await storeOn(disk)).read(PATH));
      assert.ok(left === 'new' || (left === undefined && !isAcknowledged), what);
      assert.equal(await (await storeOn(disk)).create(PATH, NEW), left === undefined, what);
      power(disk);
      assert.equal(textOf(await (await storeOn(disk)).read(PATH)), 'new', what);
    },
  });
});

test('a file that is replaced with a call broken is the old one or the new one, and the same again makes it the new one', async () => {
  const calls = await breakEachCall({
    prepare: async (disk) => (await storeOn(disk)).replace(PATH, OLD),
    act: async (disk) => (await storeOn(disk)).replace(PATH, NEW),
    async check(disk, what, isAcknowledged) {
      const left = textOf(await (await storeOn(disk)).read(PATH));
      assert.ok(left === 'new' || (left === 'old' && !isAcknowledged), `${what}: ${left}`);
      await (await storeOn(disk)).replace(PATH, NEW);
      power(disk);
      assert.equal(textOf(await (await storeOn(disk)).read(PATH)), 'new', what);
    },
  });
  const rename = calls.findIndex((call) => call.startsWith('rename'));
  assert.match(calls[rename - 1]!, /^fsync log\/tmp\//, 'a file has its bytes before it has its name');
  assert.deepEqual(calls.slice(rename + 1), ['fsync log/tile/0/000.p/']);
});

test('a log whose append is broken anywhere opens again with every record that was acknowledged, and takes it once', async () => {
  const keys = createLogKeys('log.example.org', new Uint8Array(32).fill(7));
  const open = async (disk: SimulatedDisk) => openSequencer(await storeOn(disk), keys);
  await breakEachCall({
    prepare: async (disk) => void (await appendIncidents(await open(disk), 1, 2)),
    act: async (disk) => appendIncidents(await open(disk), 3, 3),
    async check(disk, what, isAcknowledged) {
      const log = await open(disk).catch((error: unknown) => {
        throw new Error(what, { cause: error });
      });
      const { size } = log.latest();
      assert.ok(size === 4 || (size === 3 && !isAcknowledged), `${what}: ${size}`);
      await appendIncidents(log, 3, 3);
      power(disk);
      assert.equal((await open(disk)).latest().size, 4, what);
    },
  });
});
