import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { API_HINTS, FAULT_HINT, OPERATOR_HINTS } from '@blindsum/proto/command-line';
import { Problem } from '@blindsum/admin-client';
import { toRefusal } from '../commands/target.ts';
import { FAILURE_RULES } from './failure-rules.ts';

const { hintOf } = FAILURE_RULES;

test('what the API refuses has the hint of its answer; what this program finds has its own', () => {
  const problem = new Problem({ code: 'NOT_FOUND', status: 404, detail: 'no job a', hint: 'Look again.' });
  assert.equal(hintOf('NOT_FOUND', toRefusal(problem)), 'Look again.');
  assert.equal(hintOf('NOT_FOUND', new Refusal('NOT_FOUND', 'no file a')), OPERATOR_HINTS.NOT_FOUND);
});

test('a fault of the coordinator that was asked is not called one of this program', () => {
  const hint = API_HINTS.INTERNAL;
  const problem = new Problem({ code: 'INTERNAL', status: 500, detail: 'it failed', hint });
  assert.equal(hintOf('INTERNAL', toRefusal(problem)), hint);
  assert.equal(hintOf('INTERNAL', new Error('broken')), FAULT_HINT);
});
