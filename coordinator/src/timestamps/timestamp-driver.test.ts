import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, sha256, utf8, type Bytes } from '@blindsum/proto';
import { encodeCheckpoint } from '@blindsum/proto/tlog';
import { createLogKeys } from '../log/log-keys.ts';
import { appendIncidents } from '../log/log-store.contract.ts';
import type { LogStore } from '../log/log-store.ts';
import { createMemoryLogStore } from '../log/memory-log-store.ts';
import { openSequencer } from '../log/sequencer.ts';
import { TimestampDriver } from './timestamp-driver.ts';
import { toTokenDigest } from './timestamp-response.ts';

const ORIGIN = 'log.example.org';
const keys = createLogKeys(ORIGIN, new Uint8Array(32).fill(7));
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A coordinator's log with an authority that stamps whatever it is asked, or fails. */
async function createWorld(wrap: (store: LogStore) => LogStore = (store) => store) {
  const files = new Map<string, Bytes>();
  const world = {
    nowMs: 1_800_000_000_000,
    fails: false,
    asked: [] as Bytes[],
    reports: [] as string[],
    files,
  };
  const authority = {
    async stamp(digest: Bytes) {
      world.asked.push(digest);
      if (world.fails) throw new Refusal('UNAVAILABLE', 'the timestamp authority cannot be reached');
      return { response: utf8(`seen at ${world.nowMs}`), timeMs: world.nowMs };
    },
    open: () => ({ timeMs: world.nowMs }),
  };
  const open = async () => {
    const store = wrap(createMemoryLogStore(files));
    const log = await openSequencer(store, keys);
    const report = (failure: Refusal | undefined) => world.reports.push(failure?.code ?? 'ok');
    const clock = { nowMs: () => world.nowMs, sleep: () => Promise.resolve() };
    const parts = {
      log,
      files: store,
      origin: ORIGIN,
      authority,
      clock: clock as never,
      everyMs: DAY,
      report,
    };
    return { log, driver: await TimestampDriver.open(parts) };
  };
  return { ...world, world, open };
}

test('the first tree is stamped at once, then one a day, and each is anchored in the log', async () => {
  const { world, files, open } = await createWorld();
  const { log, driver } = await open();
  await appendIncidents(log, 1, 2);
  const { size, root } = log.latest();
  await driver.look();
  await driver.look();
  assert.deepEqual(world.asked, [
    sha256(utf8(encodeCheckpoint({ origin: ORIGIN, size: BigInt(size), root }))),
  ]);
  assert.equal(log.latest().size, size + 1);
  const { predicate } = await log.read(log.find(`anchor of the tree of ${size} entries`)!.record);
  const token = toTokenDigest(files.get('timestamps/3.tsr')!);
  assert.deepEqual(predicate, { size, root: Buffer.from(root).toString('hex'), token });
  world.nowMs += DAY;
  await driver.look();
  assert.equal(world.asked.length, 2);
  assert.ok(files.has('timestamps/4.tsr'));
  assert.deepEqual(driver.status, { state: 'ok', latestMs: world.nowMs, reason: null });
});

test('a restarted coordinator knows when the last one was taken', async () => {
  const { world, open } = await createWorld();
  await (await open()).driver.look();
  world.nowMs += DAY - 1;
  await (await open()).driver.look();
  assert.equal(world.asked.length, 1);
  world.nowMs += 1;
  await (await open()).driver.look();
  assert.equal(world.asked.length, 2);
});

test('one that is asked for is taken whenever the last one was', async () => {
  const { world, open } = await createWorld();
  const { log, driver } = await open();
  await driver.look();
  await appendIncidents(log, 1, 1);
  driver.request();
  await driver.look();
  await driver.look();
  assert.equal(world.asked.length, 2);
});

test('an authority that fails is reported, asked again every ten minutes, and stops nothing', async () => {
  const { world, open } = await createWorld();
  const { log, driver } = await open();
  world.fails = true;
  for (let minute = 0; minute <= 10; minute++, world.nowMs += 60_000) await driver.look();
  assert.equal(world.asked.length, 2);
  assert.equal(driver.status.state, 'failing');
  assert.match(driver.status.reason!, /^UNAVAILABLE: the timestamp authority cannot be reached/);
  assert.deepEqual(await appendIncidents(log, 1, 1), [1]);
  world.fails = false;
  world.nowMs += 600_000;
  await driver.look();
  assert.deepEqual(world.reports, ['UNAVAILABLE', 'UNAVAILABLE', 'ok']);
  assert.equal(driver.status.state, 'ok');
});

test('whichever write of a timestamp is lost, the log opens, and the next look makes it whole', async () => {
  for (const persists of [true, false])
    for (let nth = 1; ; nth++) {
      const broken = { writes: -Infinity };
      const guard = async <T>(write: () => Promise<T>): Promise<T> => {
        const isBroken = ++broken.writes === nth;
        if (isBroken && !persists) throw new Error('broken');
        const result = await write();
        if (isBroken) throw new Error('broken');
        return result;
      };
      const { world, files, open } = await createWorld((store) => ({
        read: (path) => store.read(path),
        create: (path, bytes) => guard(() => store.create(path, bytes)),
        replace: (path, bytes) => guard(() => store.replace(path, bytes)),
        remove: (path) => store.remove(path),
      }));
      const { driver } = await open();
      broken.writes = 0;
      const isDone = await driver.look().then(
        () => true,
        () => false,
      );
      if (isDone && broken.writes < nth) break;
      const again = await open();
      const beganMs = world.nowMs;
      // By now the authority would say something else.
      world.nowMs += 1000;
      await again.driver.look();
      assert.ok(again.driver.status.latestMs! >= beganMs, `write ${nth}`);
      const anchored = again.log.find('anchor of the tree of 1 entries')!;
      const { predicate } = await again.log.read(anchored.record);
      assert.equal((predicate as { token: string }).token, toTokenDigest(files.get('timestamps/1.tsr')!));
    }
});
