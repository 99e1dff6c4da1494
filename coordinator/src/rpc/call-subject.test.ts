import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callSubject } from './call-subject.ts';

test('a request names its round, its job, or neither', () => {
  const ref = { job: 'job-1', round: 3, attempt: 2 };
  assert.deepEqual(callSubject({ ref }), ref);
  assert.deepEqual(callSubject({ message: { case: 'header', value: { ref, size: 1n } } }), ref);
  assert.deepEqual(callSubject({ job: 'job-1' }), { job: 'job-1' });
  assert.deepEqual(callSubject({ message: { case: 'part', value: new Uint8Array(3) } }), {});
  assert.deepEqual(callSubject({}), {});
});

test('what has not the form of a name of a job is not repeated', () => {
  for (const job of ['a\nb', 'x'.repeat(10_000), '../..', 7]) assert.deepEqual(callSubject({ job }), {});
});
