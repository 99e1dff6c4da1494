import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoundDocument } from './documents.ts';
import { toPhaseCosts } from './round-timeline.ts';

const ROUND: RoundDocument = {
  ...{ job: 'a-job', context: '', baseModelHash: '' },
  ...{ round: 1, attempt: 1, kind: 'training', phase: 'published', startedMs: 0, deadlineMs: null },
  ...{ contributors: ['hospital-a'], leftOut: [], awaited: [], isCarried: false },
  ...{ setRoot: null, sumRoot: null, modelHash: null, failure: null },
  phases: [
    { phase: 'collecting', atMs: 0 },
    { phase: 'opening', atMs: 3000 },
    { phase: 'published', atMs: 4000 },
  ],
  traffic: [
    { phase: 'collecting', receivedBytes: 100, sentBytes: 1 },
    { phase: 'published', receivedBytes: 0, sentBytes: 9 },
  ],
};

test('phases have their time over the rounds that ended, and their bytes over all of them', () => {
  const going: RoundDocument = {
    ...ROUND,
    ...{ round: 2, phase: 'collecting', phases: [{ phase: 'collecting', atMs: 4000 }] },
    traffic: [{ phase: 'collecting', receivedBytes: 50, sentBytes: 0 }],
  };
  assert.deepEqual(toPhaseCosts([ROUND, going]), [
    {
      ...{ phase: 'collecting', word: 'Collecting', receivedBytes: 150, sentBytes: 1 },
      time: { meanMs: 3000, longestMs: 3000, share: 0.75 },
    },
    {
      ...{ phase: 'opening', word: 'Opening', receivedBytes: 0, sentBytes: 0 },
      time: { meanMs: 1000, longestMs: 1000, share: 0.25 },
    },
    { phase: 'published', word: 'After publishing', receivedBytes: 0, sentBytes: 9, time: null },
  ]);
  assert.deepEqual(toPhaseCosts([]), []);
});
