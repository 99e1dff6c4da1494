import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { Refusal } from '../src/index.ts';
import { namingFile } from './naming-file.ts';
import { makeFolder, writeNewFile } from './new-file.ts';

const folder = await mkdtemp(join(tmpdir(), 'bs-new-'));
after(() => rm(folder, { recursive: true }));

test('a file is written once, into a folder that is made, and nothing is written over', async () => {
  const path = join(folder, 'a/b/file');
  await makeFolder(join(folder, 'a/b'));
  await makeFolder(join(folder, 'a/b'));
  await writeNewFile(path, 'first');
  assert.equal((await stat(path)).mode & 0o133, 0);
  await assert.rejects(writeNewFile(path, 'second'), {
    code: 'CONFIG_INVALID',
    detail: `${path}: is there already, and was left as it is`,
  });
  assert.equal(await readFile(path, 'utf8'), 'first');
  const below = join(path, 'none');
  await assert.rejects(makeFolder(below), { code: 'CONFIG_INVALID', detail: /none: cannot be made \(/ });
  await assert.rejects(writeNewFile(below, ''), {
    code: 'CONFIG_INVALID',
    detail: `${below}: cannot be written (its place is no folder)`,
  });
});

test('a mistake in a file is told with its name; a fault stays what it is', () => {
  const path = join(folder, 'job.yaml');
  assert.equal(
    namingFile(path, () => 7),
    7,
  );
  const refuse = () => {
    throw new Refusal('MANIFEST_INVALID', 'rounds: none');
  };
  assert.throws(() => namingFile(path, refuse), {
    code: 'MANIFEST_INVALID',
    detail: `${basename(path)}: rounds: none`,
  });
  const fault = new TypeError('broken');
  assert.throws(
    () =>
      namingFile(path, () => {
        throw fault;
      }),
    (error) => error === fault,
  );
});
