import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOW, round } from './documents.fixture.ts';
import { toPhaseCosts, toTimeline } from './round-timeline.ts';

test('the phase that is under way lasts until now, and a clock that is behind makes none negative', () => {
  const phases = [
    { phase: 'collecting', atMs: NOW },
    { phase: 'sealed', atMs: NOW + 1000 },
  ] as const;
  const going = round({ phase: 'sealed', phases });
  const [view] = toTimeline([going], 5, NOW + 4000);
  assert.deepEqual(
    view?.segments.map(({ phase, milliseconds }) => [phase, milliseconds]),
    [
      ['collecting', 1000],
      ['sealed', 3000],
    ],
  );
  assert.equal(view.isOver, false);
  const [early] = toTimeline([going], 5, NOW - 9999);
  assert.deepEqual(
    early?.segments.map(({ milliseconds }) => milliseconds),
    [1000, 0],
  );
});

test('bars are as long as their attempts took beside the longest, the latest first', () => {
  const failed = round({
    phase: 'failed',
    failure: { reason: 'TOO_FEW_CONTRIBUTORS', detail: 'one of three' },
    phases: [
      { phase: 'collecting', atMs: NOW },
      { phase: 'failed', atMs: NOW + 1000 },
    ],
  });
  const views = toTimeline([failed, round({ attempt: 2 })], 5, NOW);
  assert.deepEqual(
    views.map(({ attempt, length, failure }) => [attempt, length, failure]),
    [
      [2, 1, undefined],
      [1, 0.25, 'Too few updates came in.'],
    ],
  );
  assert.match(views[0]!.spoken, /^Round 1 of 5, attempt 2: Published/);
});

test('sites that are not in are told together by why, the most first, and so are those that are awaited', () => {
  const sites = Array.from({ length: 198 }, (_, i) => `site-${i}`);
  const [view] = toTimeline(
    [
      round({
        leftOut: [
          { site: 'clinic', what: 'revoked' },
          ...sites.map((site) => ({ site, what: 'TOO_FEW_CONTRIBUTORS: no commitment' })),
          ...['ward', 'lab'].map((site) => ({ site, what: 'late' })),
        ],
        awaited: [
          { site: 'ward', what: 'checksum' },
          { site: 'lab', what: 'checksum' },
        ],
      }),
    ],
    5,
    NOW,
  );
  assert.deepEqual(
    view?.leftOut.map(({ what, sites: of }) => [what, of.length, of[0]]),
    [
      ['no update in time: too few updates came in.', 198, 'site-0'],
      ['update too late', 2, 'ward'],
      ['certificate revoked', 1, 'clinic'],
    ],
  );
  assert.deepEqual(view.awaited, [{ what: 'check of the sum', sites: ['ward', 'lab'] }]);
});

test('a round without phases has no bar, and breaks none', () => {
  const [view] = toTimeline([round({ phases: [] })], 5, NOW);
  assert.deepEqual([view?.segments, view?.milliseconds], [[], 0]);
});

test('what phases took is of attempts that have ended, and its shares add up', () => {
  const going = round({ round: 2, phase: 'collecting', phases: [{ phase: 'collecting', atMs: NOW }] });
  const longer = round({
    round: 3,
    phases: [
      { phase: 'collecting', atMs: NOW },
      { phase: 'opening', atMs: NOW + 5000 },
      { phase: 'published', atMs: NOW + 8000 },
    ],
  });
  assert.deepEqual(
    toPhaseCosts([round(), going, longer]).map(({ phase, time }) => [
      ...[phase, time?.meanMs, time?.longestMs],
      Number(time?.share.toFixed(3)),
    ]),
    [
      ['collecting', 4000, 5000, 0.667],
      ['opening', 2000, 3000, 0.333],
    ],
  );
  assert.deepEqual(toPhaseCosts([]), []);
});

test('bytes of a phase are those of all attempts, and what comes after a round has no time', () => {
  const told = round({
    traffic: [
      { phase: 'collecting', receivedBytes: 100, sentBytes: 1 },
      { phase: 'published', receivedBytes: 0, sentBytes: 9 },
    ],
  });
  const going = round({
    ...{ round: 2, phase: 'collecting', phases: [{ phase: 'collecting', atMs: NOW }] },
    traffic: [{ phase: 'collecting', receivedBytes: 50, sentBytes: 0 }],
  });
  assert.deepEqual(
    toPhaseCosts([told, going]).map(({ word, receivedBytes, sentBytes, time }) => [
      ...[word, receivedBytes, sentBytes],
      time !== null,
    ]),
    [
      ['Collecting', 150, 1, true],
      ['Opening', 0, 0, true],
      ['After publishing', 0, 9, false],
    ],
  );
});
