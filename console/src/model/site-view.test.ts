import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOW, site } from './documents.fixture.ts';
import { sitesInOrder, toSiteView } from './site-view.ts';

test('sites that are away come first, those that are revoked last, and numbers in names are numbers', () => {
  const sites = [
    site('site-10'),
    site('site-2'),
    site('gone', { online: false, revoked: { atMs: NOW, reason: 'superseded' } }),
    site('zone', { online: false }),
  ];
  assert.deepEqual(
    sitesInOrder(sites).map((one) => one.site),
    ['zone', 'site-2', 'site-10', 'gone'],
  );
});

test('a site that was never heard of says so, and nothing of itself', () => {
  const { state, seen, activity, version, certificate } = toSiteView(
    site('new', { online: false, lastSeenMs: null, version: '', backend: '' }),
    NOW,
  );
  assert.deepEqual([state.word, seen, activity, version], ['Never seen', 'never', '', '']);
  assert.match(certificate.text, /^until 20/);
});
