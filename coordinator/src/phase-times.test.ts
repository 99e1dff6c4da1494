import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobId } from '@blindsum/proto';
import { PhaseTimes, type PhaseChange } from './phase-times.ts';
import type { StoredRound } from './ports.ts';

function storedIn(phase: string, round = 1): StoredRound {
  const id = { job: 'job' as JobId, round, attempt: 1 };
  return { id, version: 1, round: { phase }, owed: [], startedMs: 0 } as unknown as StoredRound;
}

test('each phase is timed once, however often it is seen', () => {
  const changes: PhaseChange[] = [];
  const times = new PhaseTimes((change) => changes.push(change));
  times.observe(storedIn('collecting'), 1000);
  times.observe(storedIn('collecting'), 1500);
  times.observe(storedIn('sealed'), 3000);
  times.observe(storedIn('collecting', 2), 4000);
  assert.deepEqual(
    changes.map(({ left }) => left),
    [undefined, { phase: 'collecting', milliseconds: 2000 }, undefined],
  );
  assert.deepEqual(times.of(storedIn('sealed').id), [
    { phase: 'collecting', atMs: 1000 },
    { phase: 'sealed', atMs: 3000 },
  ]);
});

test('memory is bounded: the oldest attempts are forgotten', () => {
  const times = new PhaseTimes();
  for (let round = 0; round < 5000; round++) times.observe(storedIn('collecting', round), round);
  assert.equal(times.of(storedIn('collecting', 0).id).length, 0);
  assert.equal(times.of(storedIn('collecting', 4999).id).length, 1);
});
