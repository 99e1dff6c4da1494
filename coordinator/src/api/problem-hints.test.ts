import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { PROBLEM_HINTS } from './problem-hints.ts';

test('what problem documents say to do is what docs/errors.md says', async () => {
  const text = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| .*? \| (.*?) \|$/gm)].map(([, code, hint]) => [
    code,
    hint!.replaceAll('`', ''),
  ]);
  const { INTERNAL, ...hints } = PROBLEM_HINTS;
  assert.deepEqual(hints, Object.fromEntries(rows));
  assert.match(INTERNAL, /the coordinator’s log/);
});
