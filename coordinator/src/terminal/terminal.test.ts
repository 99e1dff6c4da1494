import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdminEvent } from '@blindsum/admin-client';
import { createLiveLines } from './live-lines.ts';
import { afterEvent, describeChange, drawWatched, toBar, type Watched } from './progress-screen.ts';
import { toBytes, toTable, toTime } from './table.ts';

test('a table is as wide as what is in it, numbers stand to the right, and nothing moves the cursor', () => {
  const columns = [{ head: 'job' }, { head: 'bytes', align: 'right' as const }, { head: 'why' }];
  assert.deepEqual(
    toTable(columns, [
      ['a', '1', ''],
      ['long\u001b[2Jname', '123456', 'x'],
    ]),
    ['job            bytes  why', 'a                  1', 'long [2Jname  123456  x'],
  );
  assert.deepEqual(toTable(columns, []), []);
});

test('a table that is wider than the terminal goes on below, in its widest columns, and loses nothing', () => {
  const columns = [{ head: 'site' }, { head: 'bytes', align: 'right' as const }, { head: 'why' }];
  const rows = [
    ['hospital-a', '123456', 'left out: north and south came late'],
    ['b', '1', ''],
  ];
  assert.deepEqual(toTable(columns, rows, 36), [
    'site         bytes  why',
    'hospital-a  123456  left out: north',
    '                    and south came',
    '                    late',
    'b                1',
  ]);
  assert.deepEqual(toTable([{ head: 'key' }], [['0123456789abcdef']], 12), ['key', '0123456789ab', 'cdef']);
  assert.deepEqual(toTable([{ head: 'key' }], [['0123456789abcdef']], 3), ['key', '0123456789', 'abcdef']);
  assert.deepEqual(toTable(columns, rows), toTable(columns, rows, 80));
});

test('bytes and times', () => {
  assert.deepEqual([0, 1023, 1024, 1.5 * 2 ** 20, 300 * 2 ** 30, 2 ** 60].map(toBytes), [
    ...['0 B', '1023 B', '1.0 KiB', '1.5 MiB', '300 GiB', '1048576 TiB'],
  ]);
  assert.deepEqual([toTime(null), toTime(0)], ['-', '1970-01-01 00:00']);
});

test('a bar never says more than was done', () => {
  assert.deepEqual(
    [toBar(0, 10, 4), toBar(99, 100, 4), toBar(1, 1, 4), toBar(5, 0, 4), toBar(9, 3, 4)],
    [...['[....]', '[###.]', '[####]', '[....]', '[####]']],
  );
});

const JOB = { job: 'j', state: 'running', failure: null, trainingRounds: 2 } as Watched['job'];
const ROUND = {
  ...{ job: 'j', round: 1, attempt: 1, kind: 'training', phase: 'collecting', failure: null },
  ...{ contributors: [], awaited: [{ site: 'b', what: 'update' }] },
} as unknown as NonNullable<Watched['round']>;
const upload = (site: string, bytes: number, changes = {}): AdminEvent => ({
  type: 'upload',
  id: '',
  data: {
    atMs: 0,
    job: 'j',
    round: 1,
    attempt: 1,
    site,
    kind: 'ciphertext',
    bytes,
    ofBytes: 100,
    ...changes,
  },
});
const follow = (events: readonly AdminEvent[], from: Watched = { job: JOB, round: ROUND, uploads: [] }) =>
  events.reduce(afterEvent, from);

test('uploads of the attempt that goes on are shown, the latest of each site, and end with it', () => {
  const watched = follow([
    upload('b', 10),
    upload('a', 50),
    upload('b', 100),
    upload('c', 5, { attempt: 2 }),
    upload('d', 5, { job: 'other' }),
  ]);
  assert.deepEqual(
    watched.uploads.map(({ site, bytes }) => [site, bytes]),
    [
      ['a', 50],
      ['b', 100],
    ],
  );
  const lines = drawWatched(watched, 200);
  assert.match(
    lines.join('\n'),
    /^j: running\nrounds {4}\[#{6}\.{18}\] 1 of 0 to 3, training, attempt 1\nphase {5}collecting, 0 contributors, waits for b\na +ciphertext \[#{12}\.{12}\] 50 B of 100 B\nb /,
  );
  const next = { ...ROUND, attempt: 2 };
  const after = follow([{ type: 'round', id: '', data: { atMs: 0, round: next } }], watched);
  assert.deepEqual(after.uploads, []);
  assert.ok(drawWatched(watched, 10).every((line) => line.length <= 10));
});

test('where lines do not move, one is written for each phase, and none for an upload', () => {
  const before: Watched = { job: JOB, round: ROUND, uploads: [] };
  assert.equal(describeChange(before, follow([upload('a', 1)])), undefined);
  const sealed = { ...before, round: { ...ROUND, phase: 'sealed' as const } };
  assert.equal(describeChange(before, sealed), 'round 1 of 0 to 3, attempt 1: sealed, 0 contributors');
  const ended = { ...before, job: { ...JOB, state: 'finished' as const } };
  assert.equal(describeChange(before, ended), 'job j: finished');
});

test('lines are drawn over those before', () => {
  let written = '';
  const live = createLiveLines((text) => void (written += text));
  live.draw(['a', 'b']);
  live.draw(['c']);
  live.draw(['d']);
  assert.equal(written, 'a\nb\n\u001b[2A\r\u001b[Jc\n\u001b[1A\r\u001b[Jd\n');
});
