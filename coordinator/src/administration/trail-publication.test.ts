import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareTrail, type Bytes } from '@blindsum/proto';
import type { Predicate } from '@blindsum/proto/tlog';
import { createLogKeys } from '../log/log-keys.ts';
import type { LogStore } from '../log/log-store.ts';
import { createMemoryLogStore } from '../log/memory-log-store.ts';
import { openSequencer, type Log } from '../log/sequencer.ts';
import { draftOf, readChain } from '../storage/audit-trail.contract.ts';
import { MemoryAuditTrail } from '../storage/memory-audit-trail.ts';
import { TrailPublication } from './trail-publication.ts';

const keys = createLogKeys('log.example.org', new Uint8Array(32).fill(7));
const clock = { nowMs: () => 1000 };

/** A log in `files`, whose n-th write from now on fails, before or after it is made. */
async function openLog(files: Map<string, Bytes>, fault?: { nth: number; persists: boolean }): Promise<Log> {
  const store = createMemoryLogStore(files);
  let writes = 0;
  const broken = async <T>(write: () => Promise<T>): Promise<T> => {
    const isBroken = ++writes === fault?.nth;
    if (isBroken && !fault?.persists) throw new Error('not made');
    const result = await write();
    if (isBroken) throw new Error('made, and its answer lost');
    return result;
  };
  const faulty: LogStore = {
    ...store,
    read: (path) => store.read(path),
    create: (path, bytes) => broken(() => store.create(path, bytes)),
    replace: (path, bytes) => broken(() => store.replace(path, bytes)),
  };
  return openSequencer(faulty, keys);
}

/** The records of the trail in a log, as an auditor finds them. */
async function recordsIn(log: Log): Promise<Predicate<'administration'>[]> {
  const records: Predicate<'administration'>[] = [];
  let previous = '';
  for (let from = 1; ; from = records.at(-1)!.to + 1) {
    const found = log.find(`administration from entry ${from} on`);
    if (!found) return records;
    const { kind, predicate } = await log.read(found.record);
    assert.ok(kind === 'administration' && predicate.previousRecord === previous);
    previous = found.record;
    records.push(predicate);
  }
}

async function write(trail: MemoryAuditTrail, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await trail.append(draftOf());
}

test('the log vouches for what there is, then for what came after, and says nothing when nothing came', async () => {
  const log = await openLog(new Map());
  const trail = new MemoryAuditTrail();
  const publication = new TrailPublication({ trail, log, clock });
  await publication.publish();
  for (const count of [3, 0, 1, 2]) {
    await write(trail, count);
    await publication.publish();
  }
  const records = await recordsIn(log);
  assert.deepEqual(
    records.map(({ from, to }) => [from, to]),
    [
      [1, 3],
      [4, 4],
      [5, 6],
    ],
  );
  assert.deepEqual(compareTrail(await readChain(trail), records), { covered: 6, uncovered: 0, missing: 0 });
});

test('whatever write of the log fails, and whether it persists, the next start vouches for each entry once', async () => {
  let broken = 0;
  for (const persists of [false, true])
    for (let nth = 1; ; nth++) {
      const files = new Map<string, Bytes>();
      await openLog(files);
      const trail = new MemoryAuditTrail();
      await write(trail, 2);
      const first = new TrailPublication({ trail, log: await openLog(files, { nth, persists }), clock });
      const outcome = await first.publish().then(
        () => 'done',
        () => 'failed',
      );
      // More is entered before the crash is mended: the range must not be another one under the same name.
      await write(trail, 1);
      if (outcome === 'failed') await first.publish();
      const log = await openLog(files);
      const next = new TrailPublication({ trail, log, clock });
      await next.align();
      await next.publish();
      assert.deepEqual(compareTrail(await readChain(trail), await recordsIn(log)), {
        covered: 3,
        uncovered: 0,
        missing: 0,
      });
      if (outcome === 'done') break;
      broken++;
    }
  assert.ok(broken >= 8, `${broken} writes`);
});

test('a trail that is older than its log says what is lost, and goes on after it', async () => {
  const log = await openLog(new Map());
  const [trail, older] = [new MemoryAuditTrail(), new MemoryAuditTrail()];
  await write(trail, 5);
  await write(older, 2);
  await new TrailPublication({ trail, log, clock }).publish();
  const publication = new TrailPublication({ trail: older, log, clock });
  await publication.align();
  await publication.align();
  await write(older, 1);
  await publication.publish();
  const chain = await readChain(older);
  assert.deepEqual(chain.map(({ entry: { sequence, detail } }) => [sequence, detail]).slice(2), [
    [6, 'entries 3 to 5 are lost: this state is older than its log'],
    [7, ''],
  ]);
  assert.deepEqual(compareTrail(chain, await recordsIn(log)), { covered: 2, uncovered: 0, missing: 5 });
});
