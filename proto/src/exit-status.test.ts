// docs/commands.md is what scripts are written by: its table is that of the programs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { EXIT, toExitStatus } from './exit-status.ts';
import { REFUSAL_CODES } from './refusal.ts';

const manual = await readFile(new URL('../../docs/commands.md', import.meta.url), 'utf8');
const rows = [...manual.matchAll(/^\| (\d+) \| `([a-zA-Z]+)` \| .* \| (.*)\|$/gm)].map(
  ([, status, name = '', codes = '']) => ({
    status: Number(status),
    name,
    codes: [...codes.matchAll(/`([A-Z_]+)`/g)].map((match) => match[1]!),
  }),
);

test('the manual has every exit status by its name', () => {
  assert.deepEqual(
    rows.map(({ status, name }) => [name, status]),
    Object.entries(EXIT),
  );
});

test('the manual says of every code which status it gives', () => {
  const documented = rows.flatMap(({ status, codes }) => codes.map((code) => [code, status] as const));
  assert.equal(new Set(documented.map(([code]) => code)).size, documented.length, 'a code is there twice');
  assert.deepEqual(
    Object.fromEntries(documented.toSorted()),
    Object.fromEntries(REFUSAL_CODES.map((code) => [code, toExitStatus(code)] as const).toSorted()),
  );
});
