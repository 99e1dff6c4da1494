import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8, type Bytes } from '@blindsum/proto';
import { signCheckpoint } from '@blindsum/proto/tlog';
import { createLogKeys } from '../log/log-keys.ts';
import { appendIncidents, incidentOf } from '../log/log-store.contract.ts';
import { compareHeld, LATER_CHECKPOINT } from './later-checkpoint.ts';
import { createWatchedLog, ORIGIN } from './watched-log.fixture.ts';

const { checkpoint } = createLogKeys(ORIGIN, new Uint8Array(32).fill(7));
const noteOf = (size: number, root = new Uint8Array(32)) =>
  utf8(signCheckpoint({ origin: ORIGIN, size: BigInt(size), root }, checkpoint.key, checkpoint.sign));
const compare = async (world: Awaited<ReturnType<typeof createWatchedLog>>, note: Bytes) =>
  compareHeld(world, note, 'site-a');

test('every checkpoint that the log went through is the beginning of it', async () => {
  const world = await createWatchedLog();
  const notes: Bytes[] = [];
  for (let round = 3; round < 300; round++) {
    notes.push(world.stored.get('checkpoint')!);
    await appendIncidents(world.log, round, round);
  }
  for (const note of notes) await compare(world, note);
  assert.equal(world.log.stopped, undefined);
});

for (const [what, size] of [
  ['a later checkpoint', 4],
  ['another tree of the same size', 3],
  ['another tree of fewer entries', 2],
] as const)
  test(`${what} that the log signed stops it for good, and is kept`, async () => {
    const world = await createWatchedLog();
    const note = noteOf(size);
    await assert.rejects(compare(world, note), {
      code: 'LOG_STOPPED',
      message: /site-a holds a checkpoint of/,
    });
    await assert.rejects(world.log.append(incidentOf(3)), { code: 'LOG_STOPPED' });
    await assert.rejects(world.log.erase(world.log.find('charter')!.record, 'x'), { code: 'LOG_STOPPED' });
    assert.deepEqual(world.stored.get(LATER_CHECKPOINT), note);
    assert.equal(world.log.latest().size, 3);
  });

test('what the log did not sign stops nothing, whatever it claims', async () => {
  const world = await createWatchedLog();
  const other = createLogKeys(ORIGIN, new Uint8Array(32).fill(8)).checkpoint;
  const claim = { origin: ORIGIN, size: 2n ** 60n, root: new Uint8Array(32) };
  await assert.rejects(compare(world, utf8(signCheckpoint(claim, other.key, other.sign))), {
    code: 'BAD_SIGNATURE',
  });
  const text = Buffer.from(noteOf(4)).toString().replace('\n4\n', '\n5\n');
  await assert.rejects(compare(world, utf8(text)), { code: 'BAD_SIGNATURE' });
  await assert.rejects(compare(world, utf8('5\n')), { code: 'MALFORMED' });
  assert.deepEqual(await appendIncidents(world.log, 3, 3), [3]);
});
