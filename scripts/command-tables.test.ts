import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Command } from 'commander';
import { EXIT } from '@blindsum/proto';
import {
  reportFailure,
  toCommandTree,
  type CommandTree,
  type ProgramRules,
} from '@blindsum/proto/command-line';
import { FAILURE_RULES as AUDITOR_RULES } from '../auditor/src/commands/failure-rules.ts';
import { createProgram as createAuditor } from '../auditor/src/main.ts';
import { createProgram as createCoordinator } from '../coordinator/src/main.ts';
import { FAILURE_RULES as COORDINATOR_RULES } from '../coordinator/src/main/failure-rules.ts';
import { createProgram as createSite } from '../participant/src/main.ts';
import { FAILURE_RULES as SITE_RULES } from '../participant/src/main/failure-rules.ts';
import { withCommandTables } from './command-tables.ts';

const PROGRAMS = [createCoordinator(), createSite(), createAuditor()];
const page = await readFile(new URL('../docs/commands.md', import.meta.url), 'utf8');

test('docs/commands.md has every command of the three programs (scripts/generate-commands)', () => {
  assert.equal(withCommandTables(page), page);
  for (const line of [
    '| `jobs watch <job>` |',
    '| `release vote <job>` |',
    '| `sum <log> [job] [round]` (or `verify-round`) |',
  ])
    assert.ok(page.includes(line), line);
});

/** Each with the words before it; a group of commands stands for these only. */
function commandsOf({ name, commands, options }: CommandTree, before = ''): [string, string[]][] {
  const path = `${before}${name}`;
  if (commands.length === 0) return [[path, options.flatMap(({ flags }) => flags)]];
  return commands.flatMap((command) => commandsOf(command, `${path} `));
}

test('every command of the three programs prints JSON', () => {
  const commands = PROGRAMS.flatMap((program) => commandsOf(toCommandTree(program)));
  for (const path of ['blindsum-coordinator jobs watch', 'blindsum-site run', 'blindsum-audit witness'])
    assert.ok(
      commands.some(([name]) => name === path),
      path,
    );
  const without = commands.filter(([, flags]) => !flags.includes('--json')).map(([path]) => path);
  assert.deepEqual(without, []);
});

/** What reportFailure makes of a command line, which no command of the three programs can follow. */
async function failed(create: () => Command, rules: ProgramRules, words: readonly string[]) {
  let [out, err] = ['', ''];
  const error = await create()
    .parseAsync([...words, '--json'], { from: 'user' })
    .then(
      () => assert.fail(`${words.join(' ')} was taken`),
      (thrown: unknown) => thrown,
    );
  const status = reportFailure(error, rules, {
    ...{ json: true, isTerminal: false, withStack: false },
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { out, err, status };
}

for (const [create, rules] of [
  [createCoordinator, COORDINATOR_RULES],
  [createSite, SITE_RULES],
  [createAuditor, AUDITOR_RULES],
] as const)
  test(`every command of ${rules.program} says what is wrong with it as a line and a document`, async () => {
    const commands = commandsOf(toCommandTree(create())).map(([path]) => path.split(' ').slice(1));
    for (const command of commands) {
      const { out, err, status } = await failed(create, rules, [...command, '--no-such-option']);
      const { error } = JSON.parse(out) as { error: Record<string, string> };
      assert.deepEqual([error['code'], status], ['USAGE', EXIT.usage]);
      assert.equal(err, `${rules.program}: USAGE: ${error['detail']}\n`, command.join(' '));
      assert.match(err, /unknown option '--no-such-option'|required option '--.*' not specified/);
    }
  });
