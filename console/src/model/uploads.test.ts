import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UploadProgress } from './documents.ts';
import { job, round } from './documents.fixture.ts';
import { byUrgency, isUnderWay, toSiteProgress, toTally, withProgress, type Uploads } from './uploads.ts';

const NONE: Uploads = new Map();
const told = (changes: Partial<UploadProgress> = {}): UploadProgress => ({
  ...{ job: 'a-job', round: 1, attempt: 1, site: 'hospital-a', kind: 'ciphertext', bytes: 10, ofBytes: 100 },
  ...changes,
});
const after = (...all: readonly UploadProgress[]) => all.reduce(withProgress, NONE).get('hospital-a');

test('what was told before stays: a length that is not told again, and bytes that were further', () => {
  const { bytes, ofBytes } = after(told({ bytes: 60 }), told({ bytes: 40, ofBytes: 0 }))!;
  assert.deepEqual([bytes, ofBytes], [60, 100]);
});

test('another attempt begins anew, and one before it changes nothing', () => {
  const again = told({ attempt: 2, bytes: 5, ofBytes: 80 });
  assert.deepEqual(after(told({ bytes: 60 }), again), again);
  assert.deepEqual(after(again, told({ bytes: 60 })), again);
});

test('shares and openings are no updates', () => {
  assert.equal(withProgress(NONE, told({ kind: 'shares' })), NONE);
});

test('a site that is out says why; one that is in says what else is awaited of it; of one nothing came yet', () => {
  const shown = round({
    phase: 'opening',
    contributors: ['hospital-a'],
    leftOut: [{ site: 'hospital-b', what: 'late' }],
    awaited: [
      { site: 'hospital-a', what: 'opening' },
      { site: 'hospital-c', what: 'commitment' },
    ],
  });
  const sites = ['hospital-a', 'hospital-b', 'hospital-c', 'hospital-d'];
  assert.deepEqual(
    toSiteProgress(shown, sites, NONE).map(({ standing, text }) => [standing, text]),
    [
      ['in', 'share of the opening awaited'],
      ['out', 'update too late'],
      ['awaited', 'no update yet'],
      ['awaited', 'no update yet'],
    ],
  );
});

test('many sites are told by their numbers, and those that something is still to come of are first', () => {
  const sites = Array.from({ length: 200 }, (_, i) => `site-${i}`);
  const shown = round({
    phase: 'collecting',
    contributors: sites.slice(0, 150),
    leftOut: [{ site: 'site-150', what: 'no-consent' }],
  });
  const uploads = withProgress(NONE, told({ site: 'site-199' }));
  const progress = toSiteProgress(shown, sites, uploads);
  assert.equal(toTally(progress), '150 in, 1 uploading, 48 awaited, 1 not in');
  assert.equal(toTally([]), '');
  const order = byUrgency(progress).map(({ site }) => site);
  assert.deepEqual(
    [order[0], order[1], order[49], order[50]],
    ['site-199', 'site-151', 'site-150', 'site-0'],
  );
});

test('without a length, the longest upload of the round is the measure, and none of another round is', () => {
  const uploads = [
    told({ site: 'hospital-a', bytes: 400, ofBytes: 0 }),
    told({ site: 'hospital-b', bytes: 100, ofBytes: 0 }),
    told({ site: 'hospital-c', round: 9, bytes: 9000, ofBytes: 0 }),
  ].reduce(withProgress, NONE);
  const shown = round({ phase: 'collecting', contributors: [] });
  assert.deepEqual(
    toSiteProgress(shown, ['hospital-a', 'hospital-b'], uploads).map(({ fraction }) => fraction),
    [1, 0.25],
  );
});

test('uploads are shown while a round goes on', () => {
  const { current } = job();
  assert.deepEqual(
    [
      null,
      current,
      { ...current!, phase: 'published' as const },
      { ...current!, phase: 'failed' as const },
    ].map(isUnderWay),
    [false, true, false, false],
  );
});
