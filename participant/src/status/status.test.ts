// What the view reads of the machine.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readDiskUse } from './disk-use.ts';
import { parseGpuUse, readGpuUse } from './gpu-use.ts';

const directory = mkdtempSync(join(tmpdir(), 'blindsum-status-'));
after(() => rmSync(directory, { recursive: true }));

test('files are counted by kind, and what is gone counts nothing', () => {
  const folder = join(directory, 'state');
  for (const name of ['rounds/a/1-1', 'models/a', 'receipts/empty'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'rounds/a/1-1/sum.bin'), new Uint8Array(1000));
  writeFileSync(join(folder, 'models/a/final.bin'), new Uint8Array(10));
  writeFileSync(join(folder, 'journal.sqlite'), new Uint8Array(100));
  writeFileSync(join(folder, 'journal.sqlite-wal'), new Uint8Array(50));
  const { kinds, bytes, freeBytes } = readDiskUse(folder);
  assert.deepEqual(kinds, [
    { what: 'rounds under way', bytes: 1000, files: 1 },
    { what: 'journal', bytes: 150, files: 2 },
    { what: 'models', bytes: 10, files: 1 },
  ]);
  assert.equal(bytes, 1160);
  assert.ok((freeBytes ?? 0) > 0);
  assert.deepEqual(readDiskUse(join(directory, 'nothing')).kinds, []);
});

test('the answer of nvidia-smi is read strictly', () => {
  assert.deepEqual(parseGpuUse('NVIDIA A100-SXM4-40GB, 97, 38211, 40960\nTesla T4, [N/A], 0, 15360\n'), {
    state: 'present',
    devices: [
      { name: 'NVIDIA A100-SXM4-40GB', busyPercent: 97, usedMiB: 38211, totalMiB: 40960 },
      { name: 'Tesla T4', busyPercent: null, usedMiB: 0, totalMiB: 15360 },
    ],
  });
  const bad = {
    nothing: '',
    'a sentence': 'No devices were found\n',
    'too few fields': 'Tesla T4, 1, 2\n',
    'a number with a unit': 'Tesla T4, 1 %, 2, 3\n',
    'a control character': 'Tesla\u001b[2J, 1, 2, 3\n',
    'too many lines': 'Tesla T4, 1, 2, 3\n'.repeat(65),
  };
  for (const [name, text] of Object.entries(bad)) assert.equal(parseGpuUse(text).state, 'unreadable', name);
});

test('a machine without nvidia-smi has none, and a program of that name is asked', async () => {
  const path = process.env['PATH'];
  try {
    process.env['PATH'] = directory;
    assert.deepEqual(await readGpuUse(), { state: 'absent' });
    const script = '#!/bin/sh\n[ "$2" = --format=csv,noheader,nounits ] && echo "Tesla T4, 5, 6, 7"\n';
    writeFileSync(join(directory, 'nvidia-smi'), script, { mode: 0o700 });
    assert.equal((await readGpuUse()).state, 'present');
    writeFileSync(join(directory, 'nvidia-smi'), '#!/bin/sh\nexit 9\n', { mode: 0o700 });
    assert.deepEqual(await readGpuUse(), { state: 'unreadable', why: 'it ended with 9' });
  } finally {
    process.env['PATH'] = path;
  }
});
