// SECURITY.md says which attacks are tried, and by which test: both are there.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFile(join(ROOT, path), 'utf8');

const table = (await read('SECURITY.md')).split('## Attacks that are tried')[1]!.split('\n## ')[0]!;
const rows = [...table.matchAll(/^\| (.+) \| `(.+)` \| (.+) \|$/gm)].map(([, attack, file, titles]) => ({
  ...{ attack: attack!, file: file! },
  titles: [...titles!.matchAll(/"([^"]+)"/g)].map(([, title]) => title!),
}));

test('every attack in the table names tests that exist', async () => {
  assert.ok(rows.length >= 20, `${rows.length}`);
  for (const { attack, file, titles } of rows) {
    const text = await read(file);
    assert.ok(titles.length > 0, attack);
    for (const title of titles) assert.ok(text.includes(title), `${attack}: ${file} has no "${title}"`);
  }
});

test('every file of attacks is in the table, but for the honest run', async () => {
  const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.test.ts'));
  const named = new Set(rows.map(({ file }) => file));
  for (const name of files.filter((file) => !['honest-run.test.ts', 'index.test.ts'].includes(file)))
    assert.ok(named.has(`test/attacks/${name}`), name);
});
