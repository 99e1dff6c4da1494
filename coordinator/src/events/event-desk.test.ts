import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Refusal } from '@blindsum/proto';
import { EventDesk, MAX_STREAMS, type EventSource } from './event-desk.ts';
import type { EventRing } from './event-ring.ts';
import { MAX_WAITING_BYTES, type EventStream } from './event-stream.ts';

class Script implements EventSource {
  readonly calls: string[] = [];
  next: object[] = [];
  async begin(): Promise<void> {
    this.calls.push('begin');
  }
  async look(ring: EventRing): Promise<void> {
    for (const data of this.next.splice(0)) ring.publish('job', data);
  }
  forget(): void {
    this.calls.push('forget');
  }
}

function opened() {
  const [source, clock] = [new Script(), { ms: 0 }];
  return { source, clock, desk: new EventDesk(source, { nowMs: () => clock.ms }) };
}

const all = { types: undefined, lastId: undefined };

/** What has come by now. */
function read(stream: EventStream): string {
  return ((stream.read() as Buffer | null) ?? '').toString();
}

test('nothing is looked at before somebody reads, and not for ever after the last has left', async () => {
  const { source, clock, desk } = opened();
  await desk.look();
  const stream = await desk.open(all);
  source.next = [{ n: 1 }];
  await desk.look();
  const text = read(stream);
  assert.match(text, /^retry: 1000\n\nid: [0-9a-f]{16}-1\nevent: job\ndata: \{"n":1\}\n\n$/);
  stream.destroy();
  await turn();
  assert.equal(desk.streams, 0);
  source.next = [{ n: 2 }];
  clock.ms = 299_000;
  await desk.look();
  const [, lastId] = /id: (\S+)/.exec(text)!;
  const back = await desk.open({ ...all, lastId });
  assert.match(read(back), /\{"n":2\}/);
  back.destroy();
  await turn();
  clock.ms += 301_000;
  await desk.look();
  assert.deepEqual(source.calls, ['forget', 'begin', 'forget']);
  // What happened since is unknown: the ring is another one.
  assert.match(read(await desk.open({ ...all, lastId })), /event: reset/);
});

test('a reader that does not read is left behind, and the others are told', async () => {
  const { source, desk } = opened();
  const [slow, good] = [await desk.open(all), await desk.open(all)];
  const text = 'x'.repeat(10_000);
  for (let sent = 0; sent <= MAX_WAITING_BYTES; sent += text.length) {
    source.next = [{ text }];
    await desk.look();
    read(good);
  }
  await turn();
  assert.equal(slow.destroyed, true);
  assert.equal(good.destroyed, false);
  assert.equal(desk.streams, 1);
});

test('a stream shows every quarter of a minute that somebody is there, and ends after five', async () => {
  const { clock, desk } = opened();
  const stream = await desk.open(all);
  read(stream);
  for (const [ms, text] of [
    [14_999, ''],
    [15_000, ': here\n\n'],
    [29_999, ''],
    [30_000, ': here\n\n'],
  ] as const) {
    clock.ms = ms;
    await desk.look();
    assert.equal(read(stream), text, `${ms}`);
  }
  clock.ms = 300_000;
  await desk.look();
  stream.resume();
  await turn();
  assert.equal(stream.readableEnded, true);
  assert.equal(desk.streams, 0);
});

test('there is an end to how many read at once, and none read once it is closed', async () => {
  const { desk } = opened();
  const first = await desk.open(all);
  for (let i = 1; i < MAX_STREAMS; i++) await desk.open(all);
  await assert.rejects(
    desk.open(all),
    (error) => error instanceof Refusal && error.code === 'QUOTA_EXCEEDED',
  );
  first.destroy();
  await turn();
  await desk.open(all);
  desk.close();
  await turn();
  assert.equal(desk.streams, 0);
  await assert.rejects(desk.open(all), (error) => error instanceof Refusal && error.code === 'UNAVAILABLE');
});

test('a source that fails to begin is asked again by the next reader', async () => {
  const { source, desk } = opened();
  const begin = source.begin.bind(source);
  source.begin = () => Promise.reject(new Refusal('QUOTA_EXCEEDED', 'no room'));
  await assert.rejects(desk.open(all), /no room/);
  source.begin = begin;
  await desk.open(all);
  assert.equal(desk.streams, 1);
});
