import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrailEntry } from './documents.ts';
import { NO_FILTER, toTrailQuery, toTrailRows, withNewest } from './trail.ts';

function entry(sequence: number, changes: Partial<TrailEntry> = {}): TrailEntry {
  return {
    sequence,
    atMs: sequence,
    actor: { kind: 'key', name: 'Dana', scope: 'operator' },
    from: '127.0.0.1',
    action: 'job.cancel',
    subject: 'a-job',
    detail: '',
    outcome: 'done',
    code: '',
    completes: 0,
    ...changes,
  };
}

test('what began and what came of it are one row, and what goes on is a row of its own', () => {
  const rows = toTrailRows([
    entry(5, { outcome: 'begun' }),
    entry(4, { completes: 1, outcome: 'refused', code: 'NOT_FOUND' }),
    entry(3, { actor: { kind: 'stranger' }, action: 'access.refused' }),
    entry(1, { outcome: 'begun' }),
  ]);
  assert.deepEqual(
    rows.map(({ sequence, who, what, outcome, code }) => [sequence, who, what, outcome.word, code]),
    [
      [5, 'Dana', 'Cancelled a job', 'Under way', ''],
      [4, 'Dana', 'Cancelled a job', 'Refused', 'NOT_FOUND'],
      [3, 'Somebody unknown', 'Was refused access', 'Done', ''],
    ],
  );
  assert.equal(toTrailRows([entry(1, { action: 'moon.visit' })])[0]!.what, 'moon.visit');
});

test('newer entries come before those that are known, and where some lie between, only the newest are shown', () => {
  const known = { entries: [entry(4), entry(3)], next: 'earlier' };
  const joined = withNewest(known, { entries: [entry(6), entry(5), entry(4)], next: 'x' });
  assert.deepEqual([joined.entries.map(({ sequence }) => sequence), joined.next], [[6, 5, 4, 3], 'earlier']);
  const far = { entries: [entry(9), entry(8)], next: 'x' };
  assert.equal(withNewest(known, far), far);
  assert.deepEqual(withNewest(known, { entries: [entry(4)], next: null }).entries, known.entries);
});

test('a filter asks for what it names, and an empty one for everything', () => {
  const asked = { nowMs: 10_000, cursor: null, limit: 50 };
  assert.deepEqual(toTrailQuery(NO_FILTER, asked), { limit: 50 });
  const filter = { action: 'job', actor: ' Dana ', withinMs: 4000 };
  assert.deepEqual(toTrailQuery(filter, { ...asked, cursor: 'NQ' }), {
    ...{ limit: 50, action: 'job', actor: 'Dana', since: 6000, cursor: 'NQ' },
  });
});
