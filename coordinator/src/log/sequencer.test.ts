import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBase64, parseUtf8, Refusal, utf8, type Bytes, type Digest } from '@blindsum/proto';
import { verifyEd25519 } from '@blindsum/proto/node';
import {
  allTiles,
  createRecord,
  hashLeaf,
  merkleRoot,
  openCheckpoint,
  parseEntryBundle,
  recordName,
  toRoundName,
  toTilePath,
  type CosigningRule,
} from '@blindsum/proto/tlog';
import { createLogKeys } from './log-keys.ts';
import { appendIncidents, incidentOf } from './log-store.contract.ts';
import type { LogStore } from './log-store.ts';
import { createMemoryLogStore } from './memory-log-store.ts';
import { openSequencer } from './sequencer.ts';

const keys = createLogKeys('log.example.org', new Uint8Array(32).fill(7));
const otherKeys = createLogKeys('log.example.org', new Uint8Array(32).fill(8));

/** Breaks the n-th write. The second kind is a timeout after the commit: the caller cannot tell. */
type Fault = 'fails and does not persist' | 'fails but persists';
const FAULTS: readonly Fault[] = ['fails and does not persist', 'fails but persists'];

class InjectedFault extends Error {}

interface World {
  readonly files: Map<string, Bytes>;
  /** Every checkpoint that became visible, by size. */
  readonly signed: Map<bigint, string>;
  writes: number;
}

const createWorld = (): World => ({ files: new Map(), signed: new Map(), writes: 0 });

/** A store that fails at write number `nth` (never, for 0) and checks what each checkpoint promises. */
function createFaultyStore(world: World, nth: number, fault: Fault): LogStore {
  const store = createMemoryLogStore(world.files);
  const guarded = async <T>(path: string, bytes: Bytes, write: () => Promise<T>): Promise<T> => {
    const isBroken = ++world.writes === nth;
    if (isBroken && fault === 'fails and does not persist') throw new InjectedFault(path);
    const result = await write();
    if (path === 'checkpoint') checkPublished(world, bytes);
    if (isBroken) throw new InjectedFault(path);
    return result;
  };
  return {
    read: (path) => store.read(path),
    create: (path, bytes) => guarded(path, bytes, () => store.create(path, bytes)),
    replace: (path, bytes) => guarded(path, bytes, () => store.replace(path, bytes)),
    remove: (path) => store.remove(path),
  };
}

/** Of a log of not more than 511 entries, each with its width. */
function bundlesOf(size: bigint): [path: string, width: number][] {
  const [full, rest] = [size / 256n, Number(size % 256n)];
  const last: [string, number][] = rest > 0 ? [[`00${full}.p/${rest}`, rest]] : [];
  return full > 0n ? [['000', 256], ...last] : last;
}

/** One root for one size, for ever; and the entries of a checkpoint are there when it appears. */
function checkPublished(world: World, note: Bytes): void {
  const { size, root } = openCheckpoint(note, keys.checkpoint.key, verifyEd25519);
  assert.equal(
    world.signed.get(size) ?? encodeBase64(root),
    encodeBase64(root),
    `two roots for size ${size}`,
  );
  world.signed.set(size, encodeBase64(root));
  const entries = bundlesOf(size).flatMap(([path, width]) => {
    const bundle = world.files.get(`tile/entries/${path}`);
    assert.ok(bundle, 'a checkpoint is ahead of its entries');
    return parseEntryBundle(bundle, width);
  });
  assert.deepEqual(merkleRoot(entries.map(hashLeaf)), root);
  for (const tile of allTiles(size))
    assert.ok(world.files.has(toTilePath(tile)), 'a checkpoint is ahead of its tiles');
}

/** Appends records 1..3, each until it is in, restarting the process or not after a fault. */
async function play(nth: number, fault: Fault, restarts: boolean): Promise<World> {
  const world = createWorld();
  const store = createFaultyStore(world, nth, fault);
  const again = async <T>(action: () => Promise<T>): Promise<T> =>
    action().catch((error: unknown) => {
      assert.ok(error instanceof InjectedFault, String(error));
      return action();
    });
  let log = await again(() => openSequencer(store, keys));
  for (let round = 1; round <= 3; round++) {
    const { index } = await again(async () => {
      const faultsBefore = world.writes >= nth;
      if (restarts && faultsBefore) log = await openSequencer(store, keys);
      return log.append(incidentOf(round));
    });
    assert.equal(index, round);
  }
  return world;
}

test('losing any single write loses no record, doubles none, and never signs two trees of one size', async () => {
  const { writes } = await play(0, 'fails but persists', false);
  for (const fault of FAULTS) {
    for (let nth = 1; nth <= writes; nth++) {
      for (const restarts of [true, false]) {
        const world = await play(nth, fault, restarts);
        assert.equal(world.signed.size, 4, `${fault}, write ${nth}`);
        const reopened = await openSequencer(createMemoryLogStore(world.files), keys);
        assert.equal(reopened.latest().size, 4);
        assert.deepEqual(await appendIncidents(reopened, 1, 3), [1, 2, 3]);
      }
    }
  }
  assert.ok(writes >= 20, 'the script writes too little to prove anything');
});

test('an interrupted record enters before the next one, also if nobody retries it', async () => {
  const files = new Map<string, Bytes>();
  const world = { files, signed: new Map<bigint, string>(), writes: 0 };
  await openSequencer(createFaultyStore(world, 0, 'fails but persists'), keys);
  const log = await openSequencer(createFaultyStore({ ...world, writes: 0 }, 3, 'fails but persists'), keys);
  await assert.rejects(log.append(incidentOf(1)), InjectedFault);
  const restarted = await openSequencer(createMemoryLogStore(files), keys);
  assert.equal(restarted.latest().size, 2);
  assert.deepEqual(await appendIncidents(restarted, 2, 2), [2]);
});

test('the first entry is the charter', async () => {
  const files = new Map<string, Bytes>();
  const log = await openSequencer(createMemoryLogStore(files), keys);
  assert.equal(log.latest().size, 1);
  const { record } = log.find('charter')!;
  assert.match(parseUtf8(files.get(`records/${record}.json`)!, 'record'), /vnd\.in-toto\+json/);
});

test('the same record again is a retry, also after a restart, and another in its place is refused', async () => {
  const files = new Map<string, Bytes>();
  const log = await openSequencer(createMemoryLogStore(files), keys);
  const first = await log.append(incidentOf(1));
  assert.deepEqual(await log.append(incidentOf(1)), first);
  await assert.rejects(log.append(incidentOf(1, 'TOO_FEW_OPENINGS')), { code: 'CONFLICTING_SUBMISSION' });
  const restarted = await openSequencer(createMemoryLogStore(files), keys);
  assert.deepEqual(await restarted.append(incidentOf(1)), first);
  await assert.rejects(restarted.append(incidentOf(1, 'TOO_FEW_OPENINGS')), {
    code: 'CONFLICTING_SUBMISSION',
  });
  assert.equal(restarted.latest().size, 2);
});

test('records appended at once get entries in order, and one refused does not stop the others', async () => {
  const log = await openSequencer(createMemoryLogStore(), keys);
  const results = await Promise.allSettled([
    log.append(incidentOf(1)),
    log.append({ kind: 'incident', predicate: { site: 'hospital-a' } }),
    log.append(incidentOf(2)),
  ]);
  assert.deepEqual(
    results.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal(log.latest().size, 3);
});

/** Makes each call take a different number of turns, the same for the same seed. */
function createSlowStore(store: LogStore, seed: number): LogStore {
  let state = seed;
  const wait = async () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    for (let turns = state >>> 28; turns > 0; turns--) await Promise.resolve();
  };
  return {
    read: (path) => wait().then(() => store.read(path)),
    create: (path, bytes) => wait().then(() => store.create(path, bytes)),
    replace: (path, bytes) => wait().then(() => store.replace(path, bytes)),
    remove: (path) => wait().then(() => store.remove(path)),
  };
}

test('two processes on one log share its entries and never fork it', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const world = { files: new Map<string, Bytes>(), signed: new Map<bigint, string>(), writes: 0 };
    const store = createFaultyStore(world, 0, 'fails but persists');
    const one = await openSequencer(createSlowStore(store, seed), keys);
    const other = await openSequencer(createSlowStore(store, seed + 100), keys);
    const entries = await Promise.all([appendIncidents(one, 1, 4), appendIncidents(other, 3, 6)]);
    assert.deepEqual(entries[0].slice(2), entries[1].slice(0, 2));
    assert.equal(new Set(entries.flat()).size, 6);
  }
});

test('a record to which another process gives an entry while a batch is under way has that entry only', async () => {
  const files = new Map<string, Bytes>();
  const store = createMemoryLogStore(files);
  const other = await openSequencer(store, keys);
  let isFirst = true;
  const overtaken: LogStore = {
    ...{ read: store.read.bind(store), replace: store.replace.bind(store), remove: store.remove.bind(store) },
    async create(path, bytes) {
      if (path === 'sequence/1' && isFirst) {
        isFirst = false;
        await other.append(incidentOf(2));
      }
      return store.create(path, bytes);
    },
  };
  const log = await openSequencer(overtaken, keys);
  const entries = await Promise.all([1, 2, 3].map((round) => log.append(incidentOf(round))));
  assert.deepEqual(
    entries.map(({ index }) => index),
    [2, 1, 3],
  );
  const restarted = await openSequencer(store, keys);
  assert.deepEqual(restarted.latest(), log.latest());
});

test('one process may append many records at once', async () => {
  const log = await openSequencer(createSlowStore(createMemoryLogStore(), 1), keys);
  const rounds = [1, 2, 3, 4, 1, 2, 3, 4];
  const entries = await Promise.all(rounds.map((round) => log.append(incidentOf(round))));
  assert.deepEqual(
    entries.map(({ index }) => index),
    rounds,
  );
});

test('records that are appended at once share a checkpoint, and the tiles that it needs are there', async () => {
  const world = createWorld();
  const log = await openSequencer(createFaultyStore(world, 0, 'fails but persists'), keys);
  const before = world.writes;
  const rounds = Array.from({ length: 300 }, (_, i) => i + 1);
  const entries = await Promise.all(rounds.map((round) => log.append(incidentOf(round))));
  assert.deepEqual(
    entries.map(({ index }) => index),
    rounds,
  );
  assert.deepEqual([...world.signed.keys()], [1n, 301n]);
  for (const path of ['tile/0/000', 'tile/entries/000', 'tile/1/000.p/1']) assert.ok(world.files.has(path));
  // Of each record the body and its entry; of all, two tiles of a level, one above, two bundles and the checkpoint.
  assert.equal(world.writes - before, 2 * 300 + 6);
  const restarted = await openSequencer(createMemoryLogStore(world.files), keys);
  assert.deepEqual(restarted.latest(), log.latest());
});

test('losing any single write of records that are appended at once loses none, doubles none, and never forks the log', async () => {
  for (const fault of FAULTS)
    for (const restarts of [true, false])
      for (let nth = 1; ; nth++) {
        const world = createWorld();
        await openSequencer(createFaultyStore(world, 0, fault), keys);
        world.writes = 0;
        const store = createFaultyStore(world, nth, fault);
        let log = await openSequencer(store, keys);
        const appendAll = () => Promise.allSettled([1, 2, 3].map((round) => log.append(incidentOf(round))));
        const results = await appendAll();
        for (const result of results)
          if (result.status === 'rejected') assert.ok(result.reason instanceof InjectedFault);
        if (restarts) log = await openSequencer(store, keys);
        const again = await appendAll();
        const indexes = again.map((result) => (result.status === 'fulfilled' ? result.value.index : result));
        assert.deepEqual([...indexes].sort(), [1, 2, 3], `${fault}, write ${nth}`);
        results.forEach((result, i) => {
          if (result.status === 'fulfilled') assert.equal(result.value.index, indexes[i]);
        });
        assert.equal((await openSequencer(createMemoryLogStore(world.files), keys)).latest().size, 4);
        if (world.writes < nth) break;
      }
});

test('of two records of one name that are appended at once the first is logged, and of the other nothing is kept', async () => {
  const files = new Map<string, Bytes>();
  const log = await openSequencer(createMemoryLogStore(files), keys);
  const [first, other, again] = await Promise.allSettled([
    log.append(incidentOf(1)),
    log.append(incidentOf(1, 'TOO_FEW_OPENINGS')),
    log.append(incidentOf(1)),
  ]);
  assert.deepEqual(again, first);
  assert.equal(other.status === 'rejected' && (other.reason as Refusal).code, 'CONFLICTING_SUBMISSION');
  assert.equal([...files.keys()].filter((path) => path.startsWith('records/')).length, 2);
});

test('a log that is stopped refuses what waits, and what comes', async () => {
  const log = await openSequencer(createMemoryLogStore(), keys);
  const waiting = log.append(incidentOf(1));
  log.stop(new Refusal('LOG_STOPPED', 'a witness is ahead'));
  await assert.rejects(waiting, { code: 'LOG_STOPPED' });
  await assert.rejects(log.append(incidentOf(2)), { code: 'LOG_STOPPED' });
  await assert.rejects(log.erase('ab'.repeat(32) as Digest, 'asked for'), { code: 'LOG_STOPPED' });
  assert.equal(log.latest().size, 1);
});

test('more entries than one tile holds survive a restart', async () => {
  const files = new Map<string, Bytes>();
  const log = await openSequencer(createMemoryLogStore(files), keys);
  await appendIncidents(log, 1, 260);
  assert.ok(files.has('tile/0/000') && files.has('tile/0/001.p/5') && files.has('tile/1/000.p/1'));
  const restarted = await openSequencer(createMemoryLogStore(files), keys);
  assert.deepEqual(restarted.latest(), log.latest());
  assert.equal((await restarted.append(incidentOf(261))).index, 261);
});

test('a record is found by its name, and by no other', async () => {
  const log = await openSequencer(createMemoryLogStore(), keys);
  const { kind, predicate } = incidentOf(1);
  const appended = await log.append({ kind, predicate });
  assert.deepEqual(log.find(recordName(createRecord(kind, predicate))), appended);
  assert.equal(log.find(toRoundName({ job: 'job-1', round: 1 })), undefined);
});

const flip = (files: Map<string, Bytes>, path: string, at: number): void => {
  const bytes = files.get(path)!;
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
};

const DAMAGES: Record<string, [damage: (files: Map<string, Bytes>) => void, message: RegExp]> = {
  'tile missing': [
    (files) => files.delete('tile/0/000.p/3'),
    /ahead of the tiles: tile\/0\/000\.p\/3 is missing/,
  ],
  'entries missing': [(files) => files.delete('tile/entries/000.p/3'), /ahead of the tiles: tile\/entries/],
  'tile changed': [(files) => flip(files, 'tile/0/000.p/3', 40), /tile\/0\/000\.p\/3 was changed/],
  'record missing': [
    (files) => files.delete([...files.keys()].find((path) => path.startsWith('records/'))!),
    /is missing/,
  ],
  'checkpoint changed': [(files) => flip(files, 'checkpoint', 20), /BAD_SIGNATURE/],
  'key changed': [(files) => files.set('log.vkey', utf8('other')), /CONFIG_INVALID/],
};

for (const [name, [damage, message]] of Object.entries(DAMAGES)) {
  test(`a damaged log does not start: ${name}`, async () => {
    const files = new Map<string, Bytes>();
    await appendIncidents(await openSequencer(createMemoryLogStore(files), keys), 1, 2);
    damage(files);
    await assert.rejects(openSequencer(createMemoryLogStore(files), keys), message);
  });
}

test('a log does not start with entries of another tree under its checkpoint', async () => {
  const files = new Map<string, Bytes>();
  const others = new Map<string, Bytes>();
  await appendIncidents(await openSequencer(createMemoryLogStore(files), keys), 1, 2);
  await appendIncidents(await openSequencer(createMemoryLogStore(others), keys), 2, 3);
  for (const [path, bytes] of others) if (path !== 'checkpoint') files.set(path, bytes);
  await assert.rejects(openSequencer(createMemoryLogStore(files), keys), /do not have the root/);
});

const RULE: CosigningRule = { members: 'roster-quorum', standAlone: [], standAloneQuorum: 0 };

test('a log keeps the rule that it was founded with, whatever it is opened with', async () => {
  const files = new Map<string, Bytes>();
  const log = await openSequencer(createMemoryLogStore(files), keys, RULE);
  const again = await openSequencer(createMemoryLogStore(files), keys, { ...RULE, members: 0 });
  assert.deepEqual([again.find('charter'), again.latest()], [log.find('charter'), log.latest()]);
  const charter = await again.read(again.find('charter')!.record);
  assert.deepEqual(charter.kind === 'charter' && charter.predicate.cosigning, RULE);
});

test('an amendment follows the one before it, and there is one of each number', async () => {
  const log = await openSequencer(createMemoryLogStore(), keys, RULE);
  const amend = (number: number, previousRecord: string, members: number) =>
    log.append({
      kind: 'charter-amendment',
      predicate: { federation: 'log.example.org', number, previousRecord, cosigning: { ...RULE, members } },
    });
  const charter = log.find('charter')!.record;
  await assert.rejects(amend(2, charter, 1), { code: 'BAD_RECORD' });
  await assert.rejects(amend(1, 'ab'.repeat(32), 1), { code: 'BAD_RECORD' });
  const first = await amend(1, charter, 1);
  assert.deepEqual(await amend(1, charter, 1), first);
  await assert.rejects(amend(1, charter, 2), { code: 'CONFLICTING_SUBMISSION' });
  await assert.rejects(amend(2, charter, 2), { code: 'BAD_RECORD' });
  assert.equal((await amend(2, first.record, 2)).index, 2);
});

test('a log whose record key was replaced does not start', async () => {
  const files = new Map<string, Bytes>();
  await openSequencer(createMemoryLogStore(files), keys);
  const mixed = { checkpoint: keys.checkpoint, record: otherKeys.record };
  await assert.rejects(openSequencer(createMemoryLogStore(files), mixed), { code: 'CONFLICTING_SUBMISSION' });
});
