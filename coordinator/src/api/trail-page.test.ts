import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftOf } from '../storage/audit-trail.contract.ts';
import { MemoryAuditTrail } from '../storage/memory-audit-trail.ts';
import { parseTrailCursor, readTrailPage, type TrailQuery } from './trail-page.ts';

async function trailOf(count: number): Promise<MemoryAuditTrail> {
  const trail = new MemoryAuditTrail();
  for (let n = 1; n <= count; n++) {
    const action = n % 700 === 1 ? 'key.create' : n % 2 === 0 ? 'job.pause' : 'job.cancel';
    // A gap in the numbers, as after an old backup.
    await trail.append({ ...draftOf(), action, atMs: n }, n === 900 ? 1500 : undefined);
  }
  return trail;
}

async function readAll(trail: MemoryAuditTrail, query: TrailQuery): Promise<number[]> {
  const times: number[] = [];
  let before: number | undefined;
  for (;;) {
    const { entries, next } = await readTrailPage(trail, { ...query, before });
    assert.ok(entries.length <= query.limit);
    times.push(...entries.map(({ atMs }) => atMs));
    if (next === null) return times;
    before = parseTrailCursor(next);
  }
}

test('the trail is read from its end, every entry once, over gaps in its numbers', async () => {
  const trail = await trailOf(1100);
  const all = Array.from({ length: 1100 }, (_, i) => 1100 - i);
  assert.deepEqual(await readAll(trail, { limit: 200 }), all);
  assert.deepEqual(await readAll(trail, { limit: 200, since: 1090 }), all.slice(0, 11));
  assert.deepEqual(await readAll(await trailOf(0), { limit: 5 }), []);
});

test('what is rare is found, by action, by the beginning of its name, and by who did it', async () => {
  const trail = await trailOf(1500);
  assert.deepEqual(await readAll(trail, { limit: 2, action: 'key.create' }), [1401, 701, 1]);
  assert.deepEqual(await readAll(trail, { limit: 2, action: 'key' }), [1401, 701, 1]);
  assert.equal((await readAll(trail, { limit: 200, action: 'job' })).length, 1497);
  assert.deepEqual(await readAll(trail, { limit: 2, action: 'ke' }), []);
  assert.deepEqual(await readAll(trail, { limit: 2, actor: 'nobody-of-that-name' }), []);
});
