import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { withCommandTables } from './command-tables.ts';

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

test('every command prints JSON, but serve and completion', () => {
  const without = [...page.matchAll(/^\| `([^`]+)`.*\|$/gm)]
    .filter(([row]) => row.split('|').length === 5 && !row.includes('--json'))
    .map(([, call = '']) => call);
  assert.deepEqual([...new Set(without)].toSorted(), ['completion <shell>', 'serve']);
});
