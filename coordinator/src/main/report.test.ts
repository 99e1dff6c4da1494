import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommanderError } from 'commander';
import { EXIT, Refusal } from '@blindsum/proto';
import { Problem } from '@blindsum/admin-client';
import { report } from './report.ts';

const HINT = 'Look again.';
const problem = new Problem({ code: 'NOT_FOUND', status: 404, detail: 'no job named a', hint: HINT });
const refusal = new Refusal('NOT_FOUND', 'no job named a', { cause: problem });

function reported(error: unknown, { json = false, isTerminal = false } = {}) {
  let [out, err] = ['', ''];
  const status = report(error, {
    ...{ json, isTerminal },
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { out, err, status };
}

test('a person is told what to do after what is wrong; a file is told what is wrong', () => {
  const line = 'blindsum-coordinator: NOT_FOUND: no job named a\n';
  assert.deepEqual(reported(refusal), { out: '', err: line, status: EXIT.notFound });
  assert.equal(reported(refusal, { isTerminal: true }).err, `${line}hint: ${HINT}\n`);
});

test('with --json a program gets the code, what is wrong and what to do', () => {
  const { out, err } = reported(refusal, { json: true });
  assert.deepEqual(JSON.parse(out), { error: { code: 'NOT_FOUND', detail: 'no job named a', hint: HINT } });
  assert.match(err, /^blindsum-coordinator: NOT_FOUND: /);
  const own = reported(new Refusal('CONFIG_INVALID', 'a: b'), { json: true, isTerminal: true });
  assert.deepEqual(JSON.parse(own.out), { error: { code: 'CONFIG_INVALID', detail: 'a: b', hint: null } });
  assert.equal(own.err, 'blindsum-coordinator: CONFIG_INVALID: a: b\n');
});

test('what commander has said is not said again; its help is no failure', () => {
  const usage = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'");
  const { out, err, status } = reported(usage, { json: true });
  assert.deepEqual([err, status], ['', EXIT.usage]);
  const { error } = JSON.parse(out) as { error: { code: string; detail: string } };
  assert.deepEqual([error.code, error.detail], ['USAGE', "unknown option '--x'"]);
  assert.match(reported(usage, { isTerminal: true }).err, /^hint: .*--help/);
  const group = new CommanderError(1, 'commander.help', '(outputHelp)');
  assert.deepEqual(reported(group, { isTerminal: true }), { out: '', err: '', status: EXIT.usage });
  const help = new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)');
  assert.deepEqual(reported(help, { json: true }), { out: '', err: '', status: EXIT.ok });
});

test('a fault of the program is told with its place, as JSON without', () => {
  const { out, err, status } = reported(new Error('broken'), { json: true });
  assert.match(err, /^blindsum-coordinator: INTERNAL: Error: broken\n +at /);
  assert.deepEqual(JSON.parse(out), { error: { code: 'INTERNAL', detail: 'broken', hint: null } });
  assert.equal(status, EXIT.failed);
});
