import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Refusal, type JobId } from '@blindsum/proto';
import type { Coordinator } from '../ports.ts';
import type { ProgressEvent } from '../session-progress.ts';
import { openActivity } from './open-activity.ts';
import { WorkRecorder } from './work-recorder.ts';

const JOB = 'mortality' as JobId;
const PLACE = { job: JOB, round: 2, attempt: 1, kind: 'training' } as const;

const directory = mkdtempSync(join(tmpdir(), 'blindsum-work-'));
after(() => rmSync(directory, { recursive: true }));

function openRecorder(folder = mkdtempSync(join(directory, 'site-'))) {
  const time = { nowMs: 1_000 };
  const { work, close } = openActivity(folder);
  const passedOn: ProgressEvent[] = [];
  const recorder = new WorkRecorder(work, () => time.nowMs);
  const report = recorder.following((event) => passedOn.push(event));
  return { folder, time, work, recorder, report, passedOn, close, current: () => work.works()[0] };
}

test('what a job is at is kept, with when that began', () => {
  const { time, report, passedOn, current, close } = openRecorder();
  report({ event: 'phase', ...PLACE, phase: 'collecting' });
  time.nowMs = 2_000;
  report({ event: 'train', ...PLACE, epoch: 1, epochs: 4, loss: 1 });
  time.nowMs = 2_100;
  report({ event: 'train', ...PLACE, epoch: 2, epochs: 4, loss: 1 });
  const { round, attempt, kind } = PLACE;
  const training = { activity: 'training', round, attempt, kind, sinceMs: 2_000 };
  assert.deepEqual(current()?.doing, { ...training, permille: 250, atMs: 2_000 }, 'too soon to be written');
  time.nowMs = 2_600;
  report({ event: 'train', ...PLACE, epoch: 3, epochs: 4, loss: 1 });
  assert.deepEqual(current()?.doing, { ...training, permille: 750, atMs: 2_600 });
  report({ event: 'trained', ...PLACE, loss: 1, backend: 'wasm', norm: 1, ms: 600 });
  assert.deepEqual(current()?.training, { backend: 'wasm', ms: 600, atMs: 2_600 });
  assert.equal(current()?.doing?.activity, 'encrypting');
  assert.equal(passedOn.length, 5, 'nothing is held back from the next listener');
  close();
});

test('the first consent counts, and takes back what stopped the job before', () => {
  const { time, report, recorder, current, close } = openRecorder();
  recorder.refused(JOB, new Refusal('POLICY_FORBIDS', 'policy.columns: the job reads zip'));
  assert.deepEqual(current()?.stop, {
    code: 'POLICY_FORBIDS',
    detail: 'policy.columns: the job reads zip',
    atMs: 1_000,
  });
  for (time.nowMs = 5_000; time.nowMs <= 6_000; time.nowMs += 1_000)
    report({ event: 'consented', job: JOB, examples: 10, holdout: 2 });
  assert.deepEqual(current(), { job: JOB, consentedMs: 5_000 });
  close();
});

test('a consent of an earlier run stays the first one', () => {
  const first = openRecorder();
  first.report({ event: 'consented', job: JOB, examples: 10, holdout: 2 });
  first.close();
  const second = openRecorder(first.folder);
  second.time.nowMs = 9_000;
  second.report({ event: 'consented', job: JOB, examples: 10, holdout: 2 });
  assert.equal(second.current()?.consentedMs, 1_000);
  second.close();
});

test('how a job ended is kept', () => {
  const { report, current, close } = openRecorder();
  report({ event: 'withdrawn', job: JOB, fromRound: 4, reason: 'secret to this site' });
  assert.deepEqual(current()?.end, { how: 'withdrawn from round 4 on', atMs: 1_000 });
  close();
});

test('documents that the coordinator shows are kept as they came', async () => {
  const { recorder, work, close } = openRecorder();
  const documents = {
    manifest: new Uint8Array([1]),
    authorSignature: new Uint8Array([2]),
    roster: new Uint8Array([3]),
  };
  const coordinator = { job: async () => documents } as unknown as Coordinator;
  assert.equal(await recorder.watching(coordinator).job(JOB), documents);
  const [offer] = work.offers();
  assert.deepEqual([offer?.job, [...offer!.manifest], offer?.firstMs], [JOB, [1], 1_000]);
  close();
});
