import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { EXIT, Refusal } from '../../src/index.ts';
import { MACHINE_HINT } from './hints/api-hints.ts';
import { reportFailure, type FailureRules } from './report-failure.ts';

const HINT = 'Look again.';
const RULES: FailureRules = {
  program: 'blindsum-x',
  hintOf: (code) => (code === 'MALFORMED' ? null : `${code}: ${HINT}`),
};
const refusal = new Refusal('NOT_FOUND', 'no job named a');

/** As commander throws it. */
function usage(code: string, message: string, exitCode = 1): Error {
  return Object.assign(new Error(message), { name: 'CommanderError', code, exitCode });
}

function reported(
  error: unknown,
  { json = false, isTerminal = false, withStack = false } = {},
  rules = RULES,
) {
  let [out, err] = ['', ''];
  const status = reportFailure(error, rules, {
    ...{ json, isTerminal, withStack },
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { out, err, status };
}

function documentOf(error: unknown): unknown {
  const { out } = reported(error, { json: true });
  assert.match(out, /^[^\n]+\n$/);
  return (JSON.parse(out) as { error: unknown }).error;
}

test('a person is told what to do after what is wrong; a file is told what is wrong', () => {
  const line = 'blindsum-x: NOT_FOUND: no job named a\n';
  assert.deepEqual(reported(refusal), { out: '', err: line, status: EXIT.notFound });
  assert.equal(reported(refusal, { isTerminal: true }).err, `${line}hint: NOT_FOUND: ${HINT}\n`);
  const bare = reported(new Refusal('MALFORMED', 'a: b'), { isTerminal: true });
  assert.equal(bare.err, 'blindsum-x: MALFORMED: a: b\n');
});

test('with JSON a program gets the code, what is wrong and what to do, and a person the line still', () => {
  const hint = `NOT_FOUND: ${HINT}`;
  assert.deepEqual(documentOf(refusal), { code: 'NOT_FOUND', detail: 'no job named a', hint });
  assert.match(reported(refusal, { json: true }).err, /^blindsum-x: NOT_FOUND: /);
  assert.deepEqual(documentOf(new Refusal('MALFORMED', 'a')), { code: 'MALFORMED', detail: 'a', hint: null });
});

test('a program may have statuses of its own', () => {
  assert.equal(reported(refusal, {}, { ...RULES, statusOf: () => EXIT.usage }).status, EXIT.usage);
});

test('a mistake in the command is one line, with what commander guesses as its hint', () => {
  const option = usage('commander.unknownOption', "error: unknown option '--x'");
  const { err, status } = reported(option, { isTerminal: true });
  assert.match(err, /^blindsum-x: USAGE: unknown option '--x'\nhint: .*--help.*\n$/);
  assert.equal(status, EXIT.usage);
  const word = usage('commander.unknownCommand', "error: unknown command 'statu'\n(Did you mean status?)");
  assert.equal(reported(word).err, "blindsum-x: USAGE: unknown command 'statu'\n");
  const detail = "unknown command 'statu'";
  assert.deepEqual(documentOf(word), { code: 'USAGE', detail, hint: 'Did you mean status?' });
});

test('help that was asked for is no failure; a group without a command has printed its own', () => {
  const help = usage('commander.helpDisplayed', '(outputHelp)', 0);
  assert.deepEqual(reported(help, { json: true }), { out: '', err: '', status: EXIT.ok });
  const group = usage('commander.help', '(outputHelp)');
  assert.deepEqual(reported(group, { isTerminal: true }), { out: '', err: '', status: EXIT.usage });
  const detail = 'one of its commands is to be named';
  assert.deepEqual(documentOf(group), { code: 'USAGE', detail, hint: null });
});

test('a fault of the program is one line, and has its place only where that is asked for', () => {
  const fault = new TypeError('broken');
  const { err, status } = reported(fault);
  assert.deepEqual([err, status], ['blindsum-x: INTERNAL: broken\n', EXIT.failed]);
  const withStack = reported(fault, { withStack: true, json: true });
  assert.match(withStack.err, /^blindsum-x: INTERNAL: broken\nTypeError: broken\n +at /);
  assert.equal(withStack.out.split('\n').length, 2);
  assert.deepEqual(documentOf(fault), { code: 'INTERNAL', detail: 'broken', hint: `INTERNAL: ${HINT}` });
  assert.equal(reported(new AggregateError([])).err, 'blindsum-x: INTERNAL: AggregateError\n');
  assert.equal(reported('no error').err, 'blindsum-x: INTERNAL: no error\n');
  assert.equal(reported(refusal, { withStack: true }).err, 'blindsum-x: NOT_FOUND: no job named a\n');
});

test('what the machine does not let be done is not called a fault of the program', async () => {
  const absent = await readFile('/nowhere/at/all').catch((error: unknown) => error);
  const folder = await mkdtemp(join(tmpdir(), 'bs-failure-'));
  const closed = attempt(() => new DatabaseSync(folder));
  const wrong = attempt(() => new DatabaseSync(':memory:').exec('nonsense'));
  await rm(folder, { recursive: true });
  assert.deepEqual(
    [absent, closed, wrong].map((error) => (documentOf(error) as { hint: string }).hint),
    [MACHINE_HINT, MACHINE_HINT, `INTERNAL: ${HINT}`],
  );
  assert.equal(reported(absent).status, EXIT.failed);
});

function attempt(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

test('what others wrote stays on its line, and does nothing to a terminal', () => {
  const hostile = new Refusal('NOT_FOUND', 'a\nblindsum-x: all is well\u001b[2J\u202e');
  const { err } = reported(hostile);
  assert.equal(err, 'blindsum-x: NOT_FOUND: a blindsum-x: all is well [2J\n');
  const fault = reported(new Error('a\u001b[2J'), { withStack: true });
  assert.match(fault.err, /^blindsum-x: INTERNAL: a \[2J\nError: a \[2J\n {4}at /);
  const rules = { ...RULES, hintOf: () => 'b\u001b[2J\nc' };
  assert.match(reported(refusal, { isTerminal: true }, rules).err, /\nhint: b \[2J c\n$/);
});
