import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventRing, RING_EVENTS } from './event-ring.ts';

interface Told {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly n?: number; readonly atMs?: number };
}

function followed(ring: EventRing, lastId?: string, types?: readonly string[]) {
  const told: Told[] = [];
  const take = (bytes: Buffer): void => {
    const [, id = '', type = '', data = ''] = /^id: (.*)\nevent: (.*)\ndata: (.*)\n\n$/.exec(
      bytes.toString(),
    )!;
    told.push({ id, type, data: JSON.parse(data) as Told['data'] });
  };
  const stop = ring.follow({ take, types: types && new Set(types) }, lastId, 7);
  return { told, stop, numbers: () => told.map(({ data }) => data.n) };
}

function filled(count: number): EventRing {
  const ring = new EventRing('boot');
  for (let n = 1; n <= count; n++) ring.publish('job', { n });
  return ring;
}

test('a new reader is told what comes, one that comes back what it missed, and each event once', () => {
  const ring = filled(3);
  const fresh = followed(ring);
  const back = followed(ring, 'boot-1');
  ring.publish('site', { n: 4 });
  assert.deepEqual(fresh.numbers(), [4]);
  assert.deepEqual(back.numbers(), [2, 3, 4]);
  assert.deepEqual(
    back.told.map(({ id }) => id),
    ['boot-2', 'boot-3', 'boot-4'],
  );
  fresh.stop();
  ring.publish('site', { n: 5 });
  assert.deepEqual(fresh.numbers(), [4]);
  assert.equal(ring.followers, 1);
});

test('types that were not asked for are not told, and do not count as missed', () => {
  const ring = filled(2);
  ring.publish('log', { n: 3 });
  assert.deepEqual(followed(ring, 'boot-0', ['log']).numbers(), [3]);
});

test('what fell out of the ring, another coordinator’s event and nonsense begin with reset, and what comes is told', () => {
  const ring = filled(RING_EVENTS + 10);
  assert.deepEqual(followed(ring, 'boot-10').told[0]?.data, { n: 11 });
  assert.equal(followed(ring, 'boot-10').told.length, RING_EVENTS);
  for (const lastId of ['boot-9', 'boot-0', 'other-5', 'boot-99999', '', 'x', 'boot-01', 'boot-1 ']) {
    const reader = followed(ring, lastId);
    ring.publish('job', { n: 0 });
    assert.deepEqual(
      reader.told.map(({ type }) => type),
      ['reset', 'job'],
      lastId,
    );
    assert.equal(reader.told[0]!.data.atMs, 7);
    reader.stop();
  }
});

test('the name of a reset is that of the latest event: who goes on from it misses nothing', () => {
  const ring = filled(5);
  const [reset] = followed(ring, 'other-5').told;
  ring.publish('job', { n: 6 });
  assert.deepEqual(followed(ring, reset!.id).numbers(), [6]);
});

test('the ring does not grow, however much happens', () => {
  const ring = filled(10 * RING_EVENTS);
  assert.equal(followed(ring, `boot-${9 * RING_EVENTS}`).told.length, RING_EVENTS);
  assert.equal(followed(ring, `boot-${9 * RING_EVENTS - 1}`).told[0]!.type, 'reset');
});
