import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteId } from '@blindsum/proto';
import type { Member } from './member-store.ts';
import { SitePresence } from './site-presence.ts';

const NORTH = 'north' as SiteId;

function createScene(lastSeenMs: number | undefined, nowMs = 0) {
  const scene = { nowMs, lastSeenMs, told: [] as string[] };
  const presence = new SitePresence({
    members: {
      list: () => Promise.resolve([{ site: NORTH, lastSeenMs: scene.lastSeenMs } as Member]),
    },
    clock: { nowMs: () => scene.nowMs },
    report: {
      lost: (site, silentMs) => scene.told.push(`${site} lost after ${silentMs}`),
      back: (site) => scene.told.push(`${site} back`),
    },
  });
  return { scene, presence };
}

test('a site that falls silent is reported once, and once when it is back', async () => {
  const { scene, presence } = createScene(0);
  for (const nowMs of [29_999, 30_000, 60_000]) {
    scene.nowMs = nowMs;
    await presence.look();
  }
  assert.deepEqual(scene.told, ['north lost after 30000']);
  scene.lastSeenMs = 61_000;
  scene.nowMs = 61_500;
  await presence.look();
  await presence.look();
  assert.deepEqual(scene.told, ['north lost after 30000', 'north back']);
});

test('after a start, sites have the time to report before they count as lost', async () => {
  const { scene, presence } = createScene(1_000, 500_000);
  await presence.look();
  scene.nowMs = 529_999;
  await presence.look();
  assert.deepEqual(scene.told, []);
  scene.nowMs = 530_000;
  await presence.look();
  assert.deepEqual(scene.told, ['north lost after 529000']);
});

test('a site that was never heard of has not fallen silent', async () => {
  const { scene, presence } = createScene(undefined);
  scene.nowMs = 100_000;
  await presence.look();
  assert.deepEqual(scene.told, []);
});
