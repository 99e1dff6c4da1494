import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Refusal } from '@blindsum/proto';
import { createAuthorKey, loadAuthor, loadAuthorKey, publicPath } from './author-files.ts';

const folder = await mkdtemp(join(tmpdir(), 'blindsum-author-'));
after(() => rm(folder, { recursive: true }));

const path = join(folder, 'author.key');
const made = await createAuthorKey(path, 'Dr. A');
const { seed } = JSON.parse(await readFile(path, 'utf8')) as { seed: string };

test('a key is for its owner alone, and its public half names the same author', async () => {
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual((await loadAuthorKey(path)).author, made);
  assert.deepEqual(await loadAuthor(publicPath(path)), made);
  assert.ok(!(await readFile(publicPath(path), 'utf8')).includes(seed));
});

test('a file that is there is not overwritten', async () => {
  await assert.rejects(createAuthorKey(path, 'Dr. B'), { code: 'CONFIG_INVALID' });
  assert.deepEqual((await loadAuthorKey(path)).author, made);
});

test('what is no key file is refused, and nothing of it is shown', async () => {
  const good = { format: 'blindsum-author-key/v1', name: 'Dr. A', seed };
  const bad = [
    '',
    seed,
    `{"seed":"${seed}"`,
    JSON.stringify({ ...good, seed: `${seed}00` }),
    JSON.stringify({ ...good, format: 'blindsum-author/v1' }),
    `{"__proto__":{"x":"${seed}"},${JSON.stringify(good).slice(1)}`,
    '['.repeat(100),
    `${JSON.stringify(good)}${' '.repeat(5000)}`,
  ];
  const other = join(folder, 'bad.key');
  for (const text of bad) {
    await writeFile(other, text);
    await assert.rejects(loadAuthorKey(other), (error: unknown) => {
      assert.ok(error instanceof Refusal, text);
      assert.ok(['CONFIG_INVALID', 'MALFORMED'].includes(error.code));
      return !error.message.includes(seed);
    });
  }
  await writeFile(other, Buffer.from([0x22, 0xff, 0x22]));
  await assert.rejects(loadAuthorKey(other), { code: 'MALFORMED' });
});
