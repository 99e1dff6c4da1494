import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import type { RoundId, StoredRound } from './ports.ts';
import { RoundOutlines } from './round-outlines.ts';
import {
  COLLECTING,
  commit,
  apply,
  E,
  PUBLISHED,
  RULES,
  SEALED,
  SITES,
} from './round/sample-rounds.fixture.ts';
import type { Round } from './round/round.ts';
import { MemoryRoundStore } from './storage/memory-round-store.ts';

const ID: RoundId = { job: 'job-1' as JobId, round: 0, attempt: 1 };
const OTHER: RoundId = { ...ID, attempt: 2 };

function setUp() {
  const store = new MemoryRoundStore();
  const loads: RoundId[] = [];
  const outlines = new RoundOutlines({
    versions: (ids) => store.versions(ids),
    everyVersion: () => store.everyVersion(),
    load: async (id) => {
      loads.push(id);
      return store.load(id);
    },
  });
  const create = (id: RoundId, round: Round) => store.create(id, { round, owed: [], startedMs: 1 });
  const write = (before: StoredRound, round: Round) => store.replace(before, { round, owed: [] }, []);
  return { outlines, loads, create, write };
}

test('an outline says how far a round is, and for whom it waits', async () => {
  const { outlines, create } = setUp();
  await create(ID, COLLECTING);
  const [outline, none] = await outlines.of([ID, OTHER]);
  assert.equal(none, undefined);
  assert.deepEqual(outline, {
    ...{ id: ID, version: 1, startedMs: 1, rosterHash: RULES.rosterHash, phase: 'collecting' },
    ...{ reason: undefined, contributors: ['a', 'b'], isCarried: false },
    awaited: ['c', 'd', 'e'].map((site) => ({ site, what: 'commitment' })),
    leftOut: [],
    rules: { sites: SITES, withdrawn: [], revoked: [] },
  });
  await create(OTHER, PUBLISHED);
  const [, published] = await outlines.of([ID, OTHER]);
  assert.deepEqual(
    published?.leftOut,
    ['d', 'e'].map((site) => ({ site, what: 'late' })),
  );
});

test('a round is read once for each of its versions', async () => {
  const { outlines, loads, create, write } = setUp();
  const first = await create(ID, SEALED);
  await create(OTHER, PUBLISHED);
  for (let i = 0; i < 3; i++) await outlines.of([ID, OTHER]);
  assert.deepEqual(loads, [ID, OTHER]);
  await write(first, PUBLISHED);
  for (let i = 0; i < 3; i++) await outlines.of([OTHER, ID]);
  assert.deepEqual(loads, [ID, OTHER, ID]);
  const all = (await outlines.all()).map(({ id, phase }) => [id, phase]);
  assert.deepEqual(all, [
    [ID, 'published'],
    [OTHER, 'published'],
  ]);
  assert.equal(loads.length, 3);
});

test('what was written is seen by whoever asks after that, also while others ask', async () => {
  const { outlines, create, write } = setUp();
  let stored = await create(ID, COLLECTING);
  for (const round of [apply(COLLECTING, commit(E)), SEALED, PUBLISHED, COLLECTING]) {
    const before = outlines.of([ID]);
    stored = (await write(stored, round))!;
    const [[seen]] = await Promise.all([outlines.of([ID]), before]);
    assert.deepEqual([seen?.version, seen?.phase], [stored.version, round.phase]);
    assert.equal((await outlines.of([ID]))[0]?.version, stored.version);
  }
});

test('what is remembered is bounded, and what was forgotten is read again', async () => {
  const { outlines, loads, create } = setUp();
  const ids = Array.from({ length: 4097 }, (_, i) => ({ ...ID, attempt: i + 1 }));
  for (const id of ids) await create(id, PUBLISHED);
  assert.ok((await outlines.of(ids)).every((outline) => outline?.phase === 'published'));
  assert.equal(loads.length, 4097);
  assert.equal((await outlines.of([ID]))[0]?.version, 1);
  assert.equal(loads.length, 4098);
});
