// docs/coordinator.md names what the program has: log events, no more and no less.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
const manual = await readFile(new URL('../../docs/coordinator.md', import.meta.url), 'utf8');

test('every log event is in the manual, and every one in the manual is logged', async () => {
  const folder = new URL('./', import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter((path) => /(?<!\.test)\.ts$/.test(path));
  const sources = await Promise.all(files.map((path) => readFile(new URL(path, folder), 'utf8')));
  const logged = sources.flatMap((text) =>
    [...text.matchAll(/event: '([a-z]+\.[a-z-]+)'/g)].map((match) => match[1]!),
  );
  const section = manual.slice(manual.indexOf('## Log lines'));
  const named = [...section.matchAll(/`([a-z]+\.[a-z-]+)`/g)].map((match) => match[1]!);
  assert.deepEqual([...new Set(named)].toSorted(), [...new Set(logged)].toSorted());
});
