import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@blindsum/proto';
import { createLogKeys } from './log-keys.ts';
import type { LogStore } from './log-store.ts';
import { openSequencer, type Log } from './sequencer.ts';

/** Opens the store again, as a restarted process would, on the files that the last one left. */
export type Reopen = () => Promise<LogStore>;

/** What every LogStore promises. Each implementation runs exactly this; `create` makes an empty one. */
export function describeLogStore(name: string, create: () => Promise<Reopen>): void {
  describeFiles(name, create);
  describeUseBySequencer(name, create);
}

function describeFiles(name: string, create: () => Promise<Reopen>): void {
  void test(`${name}: what was never written is absent`, async () => {
    const store = await (await create())();
    assert.equal(await store.read('tile/0/000.p/1'), undefined);
  });

  void test(`${name}: create writes once, replace writes always, and a reopened store has both`, async () => {
    const reopen = await create();
    const store = await reopen();
    assert.equal(await store.create('sequence/0', utf8('first')), true);
    assert.equal(await store.create('sequence/0', utf8('second')), false);
    await store.replace('checkpoint', utf8('1'));
    await store.replace('checkpoint', utf8('2'));
    const again = await reopen();
    assert.deepEqual(await again.read('sequence/0'), new Uint8Array(utf8('first')));
    assert.deepEqual(await again.read('checkpoint'), new Uint8Array(utf8('2')));
  });

  void test(`${name}: what was removed is absent, may be written again, and may be removed when it is not there`, async () => {
    const reopen = await create();
    const store = await reopen();
    await store.create('records/a.json', utf8('first'));
    await store.remove('records/a.json');
    await store.remove('records/a.json');
    await store.remove('never/there');
    assert.equal(await (await reopen()).read('records/a.json'), undefined);
    assert.equal(await store.create('records/a.json', utf8('second')), true);
  });

  void test(`${name}: of two that create one path at once, one succeeds`, async () => {
    const reopen = await create();
    const stores = [await reopen(), await reopen()];
    for (let i = 0; i < 10; i++) {
      const won = await Promise.all(
        stores.map((store, who) => store.create(`sequence/${i}`, Uint8Array.of(who))),
      );
      assert.deepEqual([...won].sort(), [false, true]);
      assert.deepEqual(await stores[0]!.read(`sequence/${i}`), Uint8Array.of(won.indexOf(true)));
    }
  });

  void test(`${name}: what is read or was written is the caller's to change`, async () => {
    const store = await (await create())();
    const bytes = utf8('bytes');
    await store.replace('a', bytes);
    bytes[0] = 0;
    (await store.read('a'))![1] = 0;
    assert.deepEqual(await store.read('a'), new Uint8Array(utf8('bytes')));
  });
}

function describeUseBySequencer(name: string, create: () => Promise<Reopen>): void {
  void test(`${name}: a log grows, survives a restart, and grows on`, async () => {
    const reopen = await create();
    const keys = createLogKeys('log.example.org', new Uint8Array(32).fill(7));
    const first = await openSequencer(await reopen(), keys);
    assert.deepEqual(await appendIncidents(first, 1, 3), [1, 2, 3]);
    const second = await openSequencer(await reopen(), keys);
    assert.deepEqual(second.latest(), first.latest());
    assert.deepEqual(await appendIncidents(second, 2, 5), [2, 3, 4, 5]);
  });
}

/** Appends a record for each round from..to and returns their entries. */
export async function appendIncidents(log: Log, from: number, to: number): Promise<number[]> {
  const entries: number[] = [];
  for (let round = from; round <= to; round++) entries.push((await log.append(incidentOf(round))).index);
  return entries;
}

export function incidentOf(round: number, reason = 'TOO_FEW_CONTRIBUTORS') {
  const place = { job: 'job-1', round, attempt: 1, context: 'ab'.repeat(32) };
  const predicate = { ...place, rosterHash: 'cd'.repeat(32), reason, excluded: [] };
  return { kind: 'incident', predicate } as const;
}
