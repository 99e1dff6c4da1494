import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { searchFiles, searchMemory, spellings } from './secret-search.ts';

const folder = await mkdtemp(join(tmpdir(), 'blindsum-search-'));
after(() => rm(folder, { recursive: true }));

test('a pattern is found wherever it begins or ends in a file', async () => {
  const key = randomBytes(16);
  const patterns = new Map(spellings('key', key));
  await writeFile(join(folder, 'start'), Buffer.concat([key, randomBytes(9)]));
  await writeFile(join(folder, 'end'), Buffer.concat([randomBytes(1001), key]));
  await writeFile(join(folder, 'text'), `"${key.toString('hex')}"`);
  await writeFile(
    join(folder, 'other'),
    Buffer.concat([key.subarray(0, 15), randomBytes(1), key.subarray(1)]),
  );
  const expected = ['key (raw) in start', 'key (raw) in end', 'key (hexadecimal) in text'];
  assert.deepEqual(searchFiles(folder, patterns), new Set(expected));
});

test('a pattern in the memory of a process is found', () => {
  // Held twice: as the pattern itself, which lives in this process too, and in a large block.
  const block = randomBytes(20 << 20);
  const pattern = block.subarray(9 << 20, (9 << 20) + 24);
  assert.deepEqual(searchMemory(process.pid, new Map([['here', pattern]])), new Set(['here']));
});
