import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { toCommandTree, type CommandTree } from '@blindsum/proto/node';
import { createProgram as createAuditor } from '../auditor/src/main.ts';
import { createProgram as createCoordinator } from '../coordinator/src/main.ts';
import { createProgram as createSite } from '../participant/src/main.ts';
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
