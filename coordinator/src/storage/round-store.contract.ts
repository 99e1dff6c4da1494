// What every RoundStore promises (ports.ts). Each implementation runs exactly this.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest, JobId, SiteId } from '@blindsum/proto';
import type { Collecting, Effect, Sealed } from '../round/round.ts';
import type { RoundId, RoundStore, StoredMessage, StoredRound } from '../ports.ts';

/** Runs the suite; `open` gives an empty store each time. */
export function describeRoundStore(name: string, open: () => Promise<RoundStore>): void {
  describeVersions(name, open);
  describeManyVersions(name, open);
  describeRaces(name, open);
  describeMessages(name, open);
  describeLists(name, open);
}

function describeVersions(name: string, open: () => Promise<RoundStore>): void {
  void test(`${name}: an unknown round is absent`, async () => {
    const store = await open();
    assert.equal(await store.load(ID), undefined);
    assert.deepEqual([await store.versions([ID]), await store.everyVersion()], [[undefined], []]);
    assert.deepEqual(await store.messages(ID), []);
  });

  void test(`${name}: what is created is loaded, with the effects it owes`, async () => {
    const store = await open();
    const created = await store.create(ID, { round: SEALED, owed: OWED, startedMs: 7 });
    assert.deepEqual(created, { id: ID, version: 1, round: SEALED, owed: OWED, startedMs: 7 });
    assert.deepEqual(await store.load(ID), created);
  });

  void test(`${name}: creating a round that exists returns the one that is there`, async () => {
    const store = await open();
    await createRound(store);
    const again = await store.create(ID, { round: SEALED, owed: OWED, startedMs: 99 });
    assert.deepEqual(again.round, COLLECTING);
    assert.equal(again.startedMs, 1);
  });

  void test(`${name}: each write is one version more, and keeps when the round started`, async () => {
    const store = await open();
    const first = await createRound(store);
    const second = await store.replace(first, { round: SEALED, owed: OWED }, []);
    assert.deepEqual(second, { id: ID, version: 2, round: SEALED, owed: OWED, startedMs: 1 });
    assert.deepEqual(await store.load(ID), second);
  });

  void test(`${name}: what was handed in or out cannot be changed through it`, async () => {
    const store = await open();
    const first = await createRound(store);
    const message = toMessage('commitment', A, 1);
    await store.replace(first, { round: COLLECTING, owed: [] }, [message]);
    message.message.payload.fill(0);
    (await store.messages(ID))[0]?.message.signature.fill(0);
    assert.deepEqual(await store.messages(ID), [toMessage('commitment', A, 1)]);
  });
}

function describeManyVersions(name: string, open: () => Promise<RoundStore>): void {
  void test(`${name}: of many rounds the versions are told in the order in which they are asked for`, async () => {
    const store = await open();
    const others = [
      { ...ID, attempt: 2 },
      { ...ID, round: 2 },
      { ...ID, job: 'job-2' as JobId },
    ];
    for (const id of [ID, ...others]) await createRound(store, id);
    const second = await store.replace((await store.load(others[1]!))!, { round: SEALED, owed: [] }, []);
    await store.replace(second!, { round: SEALED, owed: OWED }, []);
    const absent = { ...ID, attempt: 3 };
    const asked = [...others, absent, ID, others[1]!];
    assert.deepEqual(await store.versions(asked), [1, 3, 1, undefined, 1, 3]);
    assert.deepEqual(await store.versions([]), []);
    assert.deepEqual(
      (await store.everyVersion()).map(({ id, version }) => `${id.job} ${id.round}-${id.attempt} ${version}`),
      [`${ID.job} ${ID.round}-1 1`, `${ID.job} ${ID.round}-2 1`, `${ID.job} 2-1 3`, `job-2 ${ID.round}-1 1`],
    );
    const many = Array.from({ length: 20_001 }, (_, i) => ({ ...ID, attempt: i + 1 }));
    assert.deepEqual((await store.versions(many)).slice(0, 3), [1, 1, undefined]);
  });
}

function describeRaces(name: string, open: () => Promise<RoundStore>): void {
  void test(`${name}: a write over anything but the latest version writes nothing`, async () => {
    const store = await open();
    const first = await createRound(store);
    const second = await store.replace(first, { round: COLLECTING, owed: [] }, []);
    const lost = await store.replace(first, { round: SEALED, owed: OWED }, [toMessage('commitment', A, 1)]);
    assert.equal(lost, undefined);
    assert.deepEqual(await store.load(ID), second);
    assert.deepEqual(await store.messages(ID), []);
  });

  void test(`${name}: a write to a round that does not exist writes nothing`, async () => {
    const store = await open();
    const before = { id: ID, version: 1, round: COLLECTING, owed: [], startedMs: 1 };
    assert.equal(await store.replace(before, { round: SEALED, owed: [] }, []), undefined);
    assert.equal(await store.load(ID), undefined);
  });

  void test(`${name}: of writes that race one wins`, async () => {
    const store = await open();
    const first = await createRound(store);
    const racers = [1, 2, 3, 4].map((n) => toMessage('commitment', A, n));
    const results = await Promise.all(
      racers.map((message) => store.replace(first, { round: SEALED, owed: [] }, [message])),
    );
    const winners = racers.filter((_, i) => results[i] !== undefined);
    assert.equal(winners.length, 1);
    assert.deepEqual(await store.messages(ID), winners);
  });

  void test(`${name}: of creations that race one wins`, async () => {
    const store = await open();
    const created = await Promise.all(
      [1, 2, 3].map((startedMs) => store.create(ID, { round: COLLECTING, owed: [], startedMs })),
    );
    assert.equal(new Set(created.map((stored) => stored.startedMs)).size, 1);
  });
}

function describeMessages(name: string, open: () => Promise<RoundStore>): void {
  void test(`${name}: messages keep their order and exact bytes`, async () => {
    const store = await open();
    const sent = [
      toMessage('commitment', B, 2),
      toMessage('commitment', A, 1),
      toMessage('attestation', A, 3),
    ];
    await replaceWith(store, await createRound(store), sent);
    assert.deepEqual(await store.messages(ID), sent);
  });

  void test(`${name}: the identical message again adds nothing`, async () => {
    const store = await open();
    const first = await createRound(store);
    const second = await replaceWith(store, first, [toMessage('commitment', A, 1)]);
    await replaceWith(store, second, [toMessage('commitment', A, 1), toMessage('commitment', B, 2)]);
    assert.deepEqual(await store.messages(ID), [
      toMessage('commitment', A, 1),
      toMessage('commitment', B, 2),
    ]);
  });

  void test(`${name}: a site's acknowledgements of two sets are both kept`, async () => {
    const store = await open();
    const acknowledgements = [toMessage('acknowledgement', A, 1), toMessage('acknowledgement', A, 2)];
    await replaceWith(store, await createRound(store), acknowledgements);
    assert.deepEqual(await store.messages(ID), acknowledgements);
  });

  void test(`${name}: a checksum keeps who signed it and for whom`, async () => {
    const store = await open();
    const checksums = [toMessage('checksum', A, 1), { ...toMessage('checksum', A, 2), subject: B }];
    await replaceWith(store, await createRound(store), checksums);
    assert.deepEqual(await store.messages(ID), checksums);
  });

  void test(`${name}: messages of another attempt are apart`, async () => {
    const store = await open();
    await replaceWith(store, await createRound(store), [toMessage('commitment', A, 1)]);
    await createRound(store, { ...ID, attempt: 2 });
    assert.deepEqual(await store.messages({ ...ID, attempt: 2 }), []);
  });
}

function describeLists(name: string, open: () => Promise<RoundStore>): void {
  void test(`${name}: the rounds of a job are listed by round and attempt`, async () => {
    const store = await open();
    const places = [
      [10, 1],
      [2, 2],
      [0, 1],
      [2, 1],
    ] as const;
    for (const [round, attempt] of places) await createRound(store, { job: ID.job, round, attempt });
    await createRound(store, { ...ID, job: 'other' as JobId });
    const listed = (await store.list(ID.job)).map(({ id }) => [id.round, id.attempt]);
    assert.deepEqual(listed, [
      [0, 1],
      [2, 1],
      [2, 2],
      [10, 1],
    ]);
  });

  void test(`${name}: the rounds of all jobs that owe something are found, in order`, async () => {
    const store = await open();
    const other = { ...ID, job: 'job-0' as JobId };
    const later = { ...ID, attempt: 2 };
    for (const id of [later, ID, other]) await store.create(id, { round: SEALED, owed: OWED, startedMs: 1 });
    await createRound(store, { ...ID, round: 1 });
    assert.deepEqual(await store.owing(), [other, ID, later]);
    const settled = await store.load(ID);
    assert(settled);
    await store.replace(settled, { round: SEALED, owed: [] }, []);
    assert.deepEqual(await store.owing(), [other, later]);
  });
}

const ID: RoundId = { job: 'job-1' as JobId, round: 0, attempt: 1 };
const A = 'site-a' as SiteId;
const B = 'site-b' as SiteId;
const digestOf = (n: number) => n.toString(16).padStart(64, '0') as Digest;

const COLLECTING: Collecting = {
  phase: 'collecting',
  rules: {
    context: digestOf(1),
    rosterHash: digestOf(9),
    baseModelHash: digestOf(5),
    sites: [A, B],
    barred: [],
    withdrawn: [],
    revoked: [],
    minimum: 2,
    threshold: 2,
    waits: {
      collectMs: 1,
      graceMs: 2,
      acknowledgeMs: 3,
      checksumMs: 4,
      openMs: 5,
      attestMs: 6,
      carryMs: 9000,
    },
  },
  phases: [{ phase: 'collecting', atMs: 1_699_999_999_000 }],
  deadline: { ends: 'collecting', atMs: 1_700_000_000_000 },
  contributions: {},
};
const SET = {
  setAttempt: 1,
  root: digestOf(2),
  members: [A],
  excluded: [{ site: B, reason: 'late' as const }],
};
const SEALED: Sealed = {
  ...COLLECTING,
  phase: 'sealed',
  deadline: { ends: 'acknowledgements', atMs: 1_700_000_000_001 },
  contributions: { [A]: { site: A, digest: digestOf(3) } },
  set: SET,
  acknowledgements: { [A]: digestOf(4) },
};
const OWED: readonly Effect[] = [
  { kind: 'log-sealed', set: SET },
  { kind: 'sum', set: SET },
];

function toMessage(type: StoredMessage['type'], site: SiteId, n: number): StoredMessage {
  const message = { payload: Uint8Array.of(n, 0, 255), signature: new Uint8Array(64).fill(n) };
  return { type, site, subject: site, message };
}

async function createRound(store: RoundStore, id: RoundId = ID): Promise<StoredRound> {
  return store.create(id, { round: COLLECTING, owed: [], startedMs: 1 });
}

async function replaceWith(
  store: RoundStore,
  before: StoredRound,
  messages: readonly StoredMessage[],
): Promise<StoredRound> {
  const after = await store.replace(before, { round: before.round, owed: before.owed }, messages);
  assert(after, 'the write was lost');
  return after;
}
