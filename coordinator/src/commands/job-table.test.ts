import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { components } from '@blindsum/admin-client';
import { toJobTable } from './job-table.ts';

type Job = components['schemas']['Job'];

const PLAIN = {
  ...{ job: 'first', state: 'joining', queuePosition: null, trainingRounds: 9, current: null },
  ...{ roster: { version: 1, waits: null }, failure: null, withdrawn: [] },
};
const current = {
  ...{ round: 3, attempt: 1, phase: 'collecting', sitesIn: 4, isCarried: false },
  awaited: [{ site: 'north', what: 'commitment' }],
};

// As much of each as is shown.
const tableOf = (...changes: object[]) =>
  toJobTable(
    changes.map((one) => ({ ...PLAIN, ...one }) as unknown as Job),
    undefined,
  );

test('a job shows where it is, and what or whom it waits for', () => {
  assert.deepEqual(
    tableOf(
      {},
      { job: 'second', state: 'running', current },
      { job: 'third', state: 'queued', queuePosition: 2 },
    ),
    [
      'job     state    round    phase       in  why',
      'first   joining  -        -            -',
      'second  running  3 of 10  collecting   4  waits for north (commitment)',
      'third   queued   -        -            -  number 2 in the queue',
    ],
  );
});

test('why one failed, who left it and which roster it keeps stand in the last column', () => {
  const roster = { version: 2, waits: 'north has not consented' };
  const [, failed, late] = tableOf(
    { state: 'failed', failure: 'too late', withdrawn: ['south'] },
    { state: 'running', roster, current: { ...current, awaited: [], isCarried: true } },
  );
  assert.match(failed!, / too late; without south$/);
  assert.match(late!, / overdue; keeps roster version 2: north has not consented$/);
});
