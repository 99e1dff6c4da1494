import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { REFUSAL_CODES } from '../../../src/index.ts';
import { API_HINTS, FAULT_HINT, type Hints } from './api-hints.ts';
import { AUDITOR_HINTS } from './auditor-hints.ts';
import { OPERATOR_HINTS } from './operator-hints.ts';
import { SITE_HINTS } from './site-hints.ts';

const text = await readFile(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
const [refusals = '', programs = ''] = text.split('## What a program says to do');
const OF_PROGRAMS = [OPERATOR_HINTS, SITE_HINTS, AUDITOR_HINTS];
const CODES = [...REFUSAL_CODES, 'INTERNAL'] as const;

function rowsOf(page: string, cells: number): string[][] {
  const row = new RegExp(`^\\| \`([A-Z_]+)\` ${'\\| (.*?) '.repeat(cells)}\\|$`, 'gm');
  return [...page.matchAll(row)].map((found) => found.slice(1).map((cell) => cell.replaceAll('`', '')));
}

test('what problem documents say to do is what docs/errors.md says', () => {
  const rows = rowsOf(refusals, 2).map(([code, , hint]) => [code, hint]);
  const { INTERNAL, ...hints } = API_HINTS;
  assert.deepEqual(hints, Object.fromEntries(rows));
  assert.match(INTERNAL, /the coordinator’s log/);
});

/** As the page has it: a hint of the API is not written again. */
function toCell(hints: Hints, code: (typeof CODES)[number]): string {
  const hint = hints[code];
  if (hint === null) return '–';
  return hint === API_HINTS[code] ? 'as above' : hint;
}

test('what the programs say to do is what docs/errors.md says', () => {
  const rows = CODES.map((code) => [code, ...OF_PROGRAMS.map((hints) => toCell(hints, code))]);
  assert.deepEqual(
    rowsOf(programs, 3),
    rows.filter((row) => row.slice(1).join() !== 'as above,as above,–'),
  );
});

test('each hint is one line of whole sentences, and written in one place', async () => {
  for (const hints of [API_HINTS, ...OF_PROGRAMS])
    for (const [code, hint] of Object.entries(hints))
      if (hint !== null) assert.match(hint, /^[A-Z][^\n]{10,250}[.]$/, code);
  const files = ['api', 'operator', 'site', 'auditor'].map((name) => `${name}-hints.ts`);
  const sources = await Promise.all(files.map((file) => readFile(new URL(file, import.meta.url), 'utf8')));
  const written = [...sources.join('\n').matchAll(/(['"`])([A-Z].{15,}?[.])\1/g)].map(([, , hint]) => hint);
  assert.ok(written.length > 70, String(written.length));
  assert.deepEqual(
    written.filter((hint, i) => written.indexOf(hint) !== i),
    [],
  );
});

test('nobody at a site is sent to what only an operator or a caller of the API has', () => {
  for (const [code, hint] of Object.entries(SITE_HINTS)) {
    assert.ok(hint !== null, code);
    assert.doesNotMatch(hint, /API key|blindsum-coordinator|round's state|upload's status|At restore/, code);
  }
});

test('every program says of its own faults how to report them', () => {
  for (const hints of OF_PROGRAMS) assert.equal(hints.INTERNAL, FAULT_HINT);
});
