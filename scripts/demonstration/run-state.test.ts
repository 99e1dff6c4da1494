import assert from 'node:assert/strict';
import test from 'node:test';
import type { Digest, JobId } from '@blindsum/proto';
import type { ProgressEvent } from '../../participant/src/session-progress.ts';
import { Progress } from './progress.ts';
import { RunState } from './run-state.ts';

const SITES = ['a', 'b'];
const at = (round: number) => ({ job: 'j' as JobId, round, attempt: 1, kind: 'training' as const });
const phase = (round: number, name: 'collecting' | 'sealed'): ProgressEvent => ({
  ...at(round),
  event: 'phase',
  phase: name,
});
const uploaded = (round: number): ProgressEvent => ({
  ...at(round),
  event: 'uploaded',
  ciphertextBytes: 65536,
  bytesSent: 90_000,
  ms: 5,
});
const applied = (round: number): ProgressEvent => ({
  ...at(round),
  event: 'applied',
  contributors: 2,
  metrics: { lossMillionths: 250_000, aucMillionths: 900_000 },
  modelHash: '00' as Digest,
  ms: 5,
});

test('a phase is news once, whichever site reports it first', () => {
  const state = new RunState(SITES, 3);
  assert.deepEqual(state.apply('a', phase(1, 'collecting')), [
    { kind: 'phase', round: 'round 1 of 3', phase: 'collecting' },
  ]);
  assert.deepEqual(state.apply('b', phase(1, 'collecting')), []);
  assert.equal(state.apply('b', phase(1, 'sealed')).length, 1);
});

test('sites are counted in by round, bytes over all rounds', () => {
  const state = new RunState(SITES, 3);
  for (const site of [...SITES, 'a']) state.apply(site, uploaded(1));
  assert.deepEqual([state.sitesIn, state.bytes], [2, 270_000]);
  state.apply('a', phase(2, 'collecting'));
  assert.equal(state.sitesIn, 0);
});

test('what a round measured is said of the model that it started from', () => {
  const state = new RunState(SITES, 3);
  assert.deepEqual(state.apply('a', applied(1)), [
    { kind: 'model', after: 'before training', loss: 0.25, auc: 0.9 },
  ]);
  assert.deepEqual(state.apply('b', applied(1)), []);
  assert.deepEqual(
    state.apply('b', applied(3)).map((milestone) => milestone.kind === 'model' && milestone.after),
    ['after round 2'],
  );
});

test('without a terminal, progress is plain lines with phase, sites in, bytes and loss', () => {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text) };
  const progress = new Progress({ sites: SITES, trainingRounds: 3, output, nowMs: () => 0 });
  progress.open();
  for (const event of [phase(1, 'collecting'), uploaded(1), phase(1, 'sealed'), applied(1)])
    progress.event('a', event);
  progress.close();
  assert.deepEqual(written, [
    '   0.0 s  round 1 of 3   collecting 0 of 2 sites in   0.0 MiB uploaded\n',
    '   0.0 s  round 1 of 3   sealed     1 of 2 sites in   0.1 MiB uploaded\n',
    '   0.0 s  before training           loss 0.2500   AUC 0.9000\n',
  ]);
});

test('on a terminal, the block is taken away before a line is said, and at the end', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let written = '';
  const output = { isTTY: true, columns: 60, write: (text: string) => (written += text) };
  const progress = new Progress({ sites: SITES, trainingRounds: 3, output, nowMs: () => 0 });
  progress.open();
  progress.event('a', phase(1, 'collecting'));
  context.mock.timers.tick(100);
  assert.match(written, /round 1 of 3, collecting {3}0 of 2 sites in/);
  assert.ok(written.split('\n').every((line) => line.length < 70));
  written = '';
  progress.say('done');
  assert.match(written, /^\u001b\[3A\u001b\[0J {3}0\.0 s {2}done\n/);
  written = '';
  progress.close();
  assert.equal(written, '\u001b[3A\u001b[0J');
});
