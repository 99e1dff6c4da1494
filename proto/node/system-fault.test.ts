import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { toSystemFault } from './system-fault.ts';

test('what is wrong with a file is said in words, and by its code where there are none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bs-fault-'));
  const file = join(folder, 'file');
  await writeFile(file, '');
  const faults = await Promise.all(
    [
      readFile(join(folder, 'none')),
      readFile(folder),
      readFile(join(file, 'none')),
      writeFile(file, '', { flag: 'wx' }),
      mkdir(join(folder, 'a'.repeat(300))),
    ].map((call) => call.then(() => 'nothing', toSystemFault)),
  );
  await rm(folder, { recursive: true });
  assert.deepEqual(faults, [
    'there is no such file',
    'it is a folder',
    'its place is no folder',
    'it is there already',
    'ENAMETOOLONG',
  ]);
  assert.deepEqual([toSystemFault(new Error('x')), toSystemFault('x')], ['unknown error', 'unknown error']);
});
