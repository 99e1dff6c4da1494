import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { endedJobStatus } from './ended-job-status.ts';

const stopped = (reason: string, refusal?: Refusal) => ({ kind: 'stopped', reason, refusal }) as const;

test('a job that finished is 0; one that was left, interrupted or cancelled is 1, and no fault of anybody', () => {
  assert.equal(endedJobStatus({ kind: 'finished', modelHash: undefined }), 0);
  assert.equal(endedJobStatus({ kind: 'withdrawn', fromRound: 2 }), 1);
  assert.equal(endedJobStatus({ kind: 'interrupted' }), 1);
  assert.equal(endedJobStatus(stopped('it was cancelled: only a trial')), 1);
});

test('what stopped a job is refused with its code: that of this site before that of the coordinator', () => {
  const message = { code: 'TOO_FEW_SHARES', message: /the job stopped: round 2: TOO_FEW_SHARES: of 3/ };
  assert.throws(() => endedJobStatus(stopped('round 2: TOO_FEW_SHARES: of 3')), message);
  const own = new Refusal('DATA_INVALID', 'rows');
  assert.throws(() => endedJobStatus(stopped('round 2: TOO_FEW_SHARES: of 3', own)), {
    code: 'DATA_INVALID',
  });
});
